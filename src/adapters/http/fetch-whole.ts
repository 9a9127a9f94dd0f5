import { constants } from 'node:fs'
import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { FileIdentity } from '../../core/image.ts'
import { problem, problemsOf } from '../../core/problem.ts'
import type { FetchWhole, Stretch, Web, WebFile } from '../../ports/web.ts'
import { resumed } from './resumed.ts'

/** What it takes from its neighbours. */
export interface FetchParts {
  partialName(path: string): string
  complete(partial: string, path: string): Promise<FileIdentity>
  /** What a person can act on, of an error of writing. */
  unwritable(error: unknown, path: string): unknown
  /** Seconds before each new try where a connection breaks; the usual ones without it. */
  readonly waits?: readonly number[]
}

/** So much is fetched again after a stop: what was flushed before is on the disk for sure. */
const againBytes = 64 * 2 ** 20
/** A flush comes after the piece that is too much, which is smaller than this. */
const flushBytes = againBytes - 2 ** 21

/** Fetches files into this host. One that was stopped goes on where it was, and so does one whose connection breaks. */
export function wholeFetcher(web: Web, { partialName, complete, unwritable, waits }: FetchParts): FetchWhole {
  return async (file, stretch, path, { signal, progress }) => {
    const from = (wanted: Stretch | undefined) => resumed(web, file, wanted, signal, waits)
    const partial = partialName(path)
    const whole = stretch ?? { offsetBytes: 0, lengthBytes: file.identity.bytes }
    const { O_CREAT, O_RDWR, O_NOFOLLOW } = constants
    try {
      await mkdir(dirname(path), { recursive: true })
      const handle = await open(partial, O_CREAT | O_RDWR | O_NOFOLLOW, 0o600)
      try {
        const { size } = await handle.stat()
        const there = file.resumable ? Math.max(0, Math.min(size, whole.lengthBytes) - againBytes) : 0
        if (there < whole.lengthBytes) await receive(from, file, whole, there, handle, signal, progress)
        await handle.truncate(whole.lengthBytes)
        await handle.sync()
      } finally {
        await handle.close()
      }
      return await complete(partial, path)
    } catch (error) {
      throw unwritable(error, path)
    }
  }
}

/** Asks for what is missing and writes it. */
async function receive(
  from: (wanted: Stretch | undefined) => AsyncGenerator<Buffer>,
  file: WebFile,
  { offsetBytes, lengthBytes }: Stretch,
  there: number,
  into: FileHandle,
  signal: AbortSignal,
  progress: (bytes: number) => void,
): Promise<void> {
  const rest = { offsetBytes: offsetBytes + there, lengthBytes: lengthBytes - there }
  let [done, flushed] = [there, there]
  for await (const piece of arrivals(file, from(file.ranges ? rest : undefined), signal)) {
    if (done + piece.length > lengthBytes) throw otherLength(file, done + piece.length, lengthBytes)
    for (let at = 0; at < piece.length; ) {
      at += (await into.write(piece, at, piece.length - at, done + at)).bytesWritten
    }
    done += piece.length
    if (done - flushed >= flushBytes) {
      await into.datasync()
      flushed = done
    }
    progress(done)
  }
  if (done < lengthBytes) throw otherLength(file, done, lengthBytes)
}

async function* arrivals(file: WebFile, bytes: AsyncGenerator<Buffer>, signal: AbortSignal): AsyncGenerator<Buffer> {
  try {
    for (;;) {
      const { done, value } = await bytes.next().catch((error: unknown) => {
        signal.throwIfAborted()
        if (problemsOf(error)) throw error
        const detail = error instanceof Error ? error.message : String(error)
        throw problem('SOURCE_UNREADABLE', `${file.name} broke off`, {
          detail,
          hint: 'see whether the server answers; apply again goes on where it was',
        })
      })
      if (done) return
      yield value
    }
  } finally {
    // Else its connection stays open.
    await bytes.return(undefined)
  }
}

function otherLength({ name }: WebFile, found: number, expected: number) {
  return problem('SOURCE_UNREADABLE', `${name} gave ${found} bytes of ${expected}`, {
    hint: 'see whether the server answers; apply again goes on where it was',
  })
}
