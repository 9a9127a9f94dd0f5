import { libvirtUri } from '../../core/libvirt-uri.ts'

// libvirtd takes 20 that have not said who they are yet (`max_anonymous_clients`), sshd 10 (`MaxStartups`), and each tool that
// this host has beside h2k is one of them.
const atOnce = { here: 8, elsewhere: 4 } as const

interface Line {
  free: number
  readonly waiting: (() => void)[]
}

const lines = new Map<string, Line>()

/** Does something with a libvirt when it is its turn: in the order in which they ask, and never too many at once. */
export async function inTurn<T>(uri: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const line = lineFor(uri)
  if (line.free > 0) line.free--
  else await new Promise<void>((settle) => line.waiting.push(settle))
  try {
    signal.throwIfAborted()
    return await work()
  } finally {
    const next = line.waiting.shift()
    // The place goes from one to the other.
    if (next) next()
    else line.free++
  }
}

function lineFor(uri: string): Line {
  const known = lines.get(uri)
  if (known) return known
  const line = { free: libvirtUri(uri)?.remote ? atOnce.elsewhere : atOnce.here, waiting: [] }
  lines.set(uri, line)
  return line
}
