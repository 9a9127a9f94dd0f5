import { constants } from 'node:fs'
import { type FileHandle, mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FileIdentity } from '../../core/image.ts'
import { problem, problemsOf } from '../../core/problem.ts'
import type { FetchWhole, Stretch, Web, WebFile } from '../../ports/web.ts'

/** What it takes from its neighbours. */
export interface FetchParts {
  partialName(path: string): string
  complete(partial: string, path: string): Promise<FileIdentity>
  /** What a person can act on, of an error of writing. */
  unwritable(error: unknown, path: string): unknown
}

/** So much is fetched again after a stop: what was flushed before is on the disk for sure. */
const againBytes = 64 * 2 ** 20
/** A flush comes after the piece that is too much, which is smaller than this. */
const flushBytes = againBytes - 2 ** 21
const waitMilliseconds = 1000

/**
 * Fetches files into this host. One that was stopped goes on where it was, and so does one whose connection breaks, as long as
 * some more came each time.
 */
export function wholeFetcher(web: Web, { partialName, complete, unwritable }: FetchParts): FetchWhole {
  return async (file, stretch, path, { signal, progress }) => {
    const partial = partialName(path)
    const whole = stretch ?? { offsetBytes: 0, lengthBytes: file.identity.bytes }
    const { O_CREAT, O_RDWR, O_NOFOLLOW } = constants
    try {
      await mkdir(dirname(path), { recursive: true })
      const handle = await open(partial, O_CREAT | O_RDWR | O_NOFOLLOW, 0o600)
      try {
        const { size } = await handle.stat()
        const there = file.resumable ? Math.max(0, Math.min(size, whole.lengthBytes) - againBytes) : 0
        await receiveAll(there, handle)
        await handle.truncate(whole.lengthBytes)
        await handle.sync()
      } finally {
        await handle.close()
      }
      return await complete(partial, path)
    } catch (error) {
      throw unwritable(error, path)
    }

    async function receiveAll(there: number, into: FileHandle): Promise<void> {
      for (let done = there; done < whole.lengthBytes; ) {
        const before = done
        try {
          done = await receive(web, file, whole, before, into, signal, (bytes) => {
            done = bytes
            progress(bytes)
          })
        } catch (error) {
          signal.throwIfAborted()
          const broke = problemsOf(error)?.every(({ code }) => code === 'SOURCE_UNREADABLE')
          if (!broke || !file.resumable || done === before) throw error
          await sleep(waitMilliseconds, undefined, { signal })
        }
      }
    }
  }
}

/** Asks for what is missing and writes it. @returns how much is there */
async function receive(
  web: Web,
  file: WebFile,
  { offsetBytes, lengthBytes }: Stretch,
  from: number,
  into: FileHandle,
  signal: AbortSignal,
  written: (bytes: number) => void,
): Promise<number> {
  const rest = { offsetBytes: offsetBytes + from, lengthBytes: lengthBytes - from }
  const bytes = await web.open(file, file.ranges ? rest : undefined, signal)
  let [done, flushed] = [from, from]
  try {
    for await (const piece of arrivals(file, bytes, signal)) {
      if (done + piece.length > lengthBytes) throw otherLength(file, done + piece.length, lengthBytes)
      for (let at = 0; at < piece.length; ) {
        at += (await into.write(piece, at, piece.length - at, done + at)).bytesWritten
      }
      done += piece.length
      if (done - flushed >= flushBytes) {
        await into.datasync()
        flushed = done
      }
      written(done)
    }
  } finally {
    bytes.close()
  }
  if (done < lengthBytes) throw otherLength(file, done, lengthBytes)
  return done
}

async function* arrivals(file: WebFile, bytes: AsyncIterable<Buffer>, signal: AbortSignal): AsyncGenerator<Buffer> {
  const pieces = bytes[Symbol.asyncIterator]()
  for (;;) {
    signal.throwIfAborted()
    const { done, value } = await pieces.next().catch((error: unknown) => {
      signal.throwIfAborted()
      const detail = error instanceof Error ? error.message : String(error)
      throw problem('SOURCE_UNREADABLE', `${file.name} broke off`, {
        detail,
        hint: 'see whether the server answers; apply again goes on where it was',
      })
    })
    if (done) return
    yield value
  }
}

function otherLength({ name }: WebFile, found: number, expected: number) {
  return problem('SOURCE_UNREADABLE', `${name} gave ${found} bytes of ${expected}`, {
    hint: 'see whether the server answers; apply again goes on where it was',
  })
}
