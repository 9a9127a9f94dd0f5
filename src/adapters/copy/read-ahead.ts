import { loadKoffi } from './koffi.ts'
import type { SourceFile } from './source.ts'

/** Some chunks of all threads. */
const aheadBytes = 2 ** 25
/** The kernel takes no more at once. */
const stepBytes = 2 ** 20
/** POSIX_FADV_WILLNEED of Linux's fcntl.h */
const willNeed = 3

/**
 * Has the kernel read what follows in a file, without waiting for it: several threads that read one file in turn look to it
 * like somebody who jumps, whom it does not read ahead for. Nothing happens where the call cannot be made.
 * @returns called with the bytes of the image that were read so far
 */
export function readingAhead({ fd, offsetBytes, lengthBytes }: SourceFile): (until: number) => void {
  // It is soon read, and native code takes time to load.
  if (lengthBytes <= aheadBytes) return () => {}
  const advise = adviser()
  let asked = 0
  return (until) => {
    const end = Math.min(until + aheadBytes, lengthBytes)
    asked = Math.max(asked, until)
    for (; asked < end; asked += stepBytes) advise?.(fd, offsetBytes + asked, stepBytes, willNeed)
  }
}

type Advise = (fd: number, offset: number, length: number, advice: number) => number
let found: { readonly advise?: Advise } | undefined

function adviser(): Advise | undefined {
  found ??= find()
  return found.advise
}

function find(): { readonly advise?: Advise } {
  if (process.platform !== 'linux') return {}
  try {
    const koffi = loadKoffi()
    return { advise: koffi.load('libc.so.6').func('int posix_fadvise(int, int64, int64, int)') }
  } catch {
    // It is a hint: without koffi, or with another libc, reading is as right and a little slower.
    return {}
  }
}
