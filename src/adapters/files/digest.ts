import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { ImageLocation } from '../../core/image.ts'
import { problem } from '../../core/problem.ts'

const chunkBytes = 4 * 1024 * 1024

/** Hashes a file or a stretch of it, with any of the algorithms that come with exports. Hex. */
export async function digest(
  { path, stretch }: Pick<ImageLocation, 'path' | 'stretch'>,
  algorithm: string,
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash(algorithm)
  const range = stretch && { start: stretch.offsetBytes, end: stretch.offsetBytes + stretch.lengthBytes - 1 }
  if (stretch?.lengthBytes === 0) return hash.digest('hex')
  try {
    for await (const chunk of createReadStream(path, { ...range, highWaterMark: chunkBytes, signal })) {
      hash.update(chunk as Buffer)
    }
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof Error && 'code' in error)) throw error
    throw problem('FILE_UNREADABLE', `${path} cannot be read: ${error.message}`, { hint: 'let h2k read it' })
  }
  return hash.digest('hex')
}
