import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import type { ImageLocation } from '../../core/image.ts'
import { problem } from '../../core/problem.ts'

const pieceBytes = 1024 * 1024

/**
 * Hashes a file or a stretch of it, with any of the algorithms that come with exports, in two buffers: one is hashed while the
 * other is read. Hex.
 * @param mayRead is waited for before bytes up to `position`, of `lengthBytes`, are read
 * @throws ProblemError FILE_UNREADABLE
 */
export async function digest(
  { path, stretch }: Pick<ImageLocation, 'path' | 'stretch'>,
  algorithm: string,
  signal: AbortSignal,
  mayRead?: (position: number, lengthBytes: number) => Promise<void>,
): Promise<string> {
  const hash = createHash(algorithm)
  let file: FileHandle | undefined
  let reading: Promise<number> | undefined
  try {
    const from = await open(path)
    file = from
    const { offsetBytes: first, lengthBytes } = stretch ?? { offsetBytes: 0, lengthBytes: (await from.stat()).size }
    const readAt = async (done: number, into: Buffer) => {
      const bytes = Math.min(pieceBytes, lengthBytes - done)
      await mayRead?.(done + bytes, lengthBytes)
      return (await from.read(into, 0, bytes, first + done)).bytesRead
    }
    let [current, next] = [Buffer.allocUnsafe(pieceBytes), Buffer.allocUnsafe(pieceBytes)]
    reading = readAt(0, current)
    for (let done = 0; done < lengthBytes; ) {
      signal.throwIfAborted()
      const bytes = await reading
      if (bytes === 0) break
      done += bytes
      reading = readAt(done, next)
      hash.update(current.subarray(0, bytes))
      ;[current, next] = [next, current]
    }
    await reading
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof Error && 'code' in error)) throw error
    throw problem('FILE_UNREADABLE', `${path} cannot be read: ${error.message}`, { hint: 'let h2k read it' })
  } finally {
    await Promise.allSettled([reading])
    await file?.close()
  }
  return hash.digest('hex')
}
