import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { problem } from '../../core/problem.ts'
import type { Algorithm } from './manifest-digests.ts'

const chunkBytes = 4 * 1024 * 1024

/** A file opened to be read, never written. */
export interface SourceFile {
  readonly path: string
  readonly bytes: number
  /** Reads some bytes from a position on, at most what fits. @returns how many; 0 behind the end */
  readInto(buffer: Buffer, position: number): Promise<number>
}

/** Opens a source for as long as `use` runs. */
export type OpenSource = <T>(
  path: string,
  links: 'followed' | 'refused',
  use: (source: SourceFile) => Promise<T>,
) => Promise<T>

/** A stretch of a file. */
export interface Stretch {
  readonly offsetBytes: number
  readonly lengthBytes: number
}

/**
 * Opens a regular file for as long as `use` runs. With `links: 'refused'` its last part may not be a symbolic link, and
 * since the open itself refuses it, none can be swapped in.
 * @throws ProblemError SOURCE_MISSING, SOURCE_UNREADABLE, ARCHIVE_HOSTILE for a link
 */
export async function withSourceFile<T>(
  path: string,
  links: 'followed' | 'refused',
  use: (source: SourceFile) => Promise<T>,
): Promise<T> {
  // Without O_NONBLOCK, opening a FIFO would wait for a writer.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | (links === 'refused' ? constants.O_NOFOLLOW : 0)
  const handle = await open(path, flags).catch((cause: unknown) => {
    throw unopened(path, cause)
  })
  try {
    const stat = await handle.stat()
    if (!stat.isFile()) throw problem('SOURCE_UNREADABLE', `${path} is not a regular file`, { at: { file: path } })
    return await use({
      path,
      bytes: stat.size,
      readInto: (buffer, position) => readFrom(path, handle, buffer, position),
    })
  } finally {
    await handle.close()
  }
}

/** Reads a whole stretch into memory; the caller has bounded it. @throws ProblemError SOURCE_CHANGED, SOURCE_UNREADABLE */
export async function readStretch(source: SourceFile, stretch: Stretch, signal: AbortSignal): Promise<Buffer> {
  const buffer = Buffer.alloc(stretch.lengthBytes)
  for (let done = 0; done < buffer.length; ) {
    signal.throwIfAborted()
    done += await readInto(source, buffer.subarray(done), stretch.offsetBytes + done)
  }
  return buffer
}

/**
 * Hashes a stretch once, with every algorithm asked for, in two buffers: one is hashed while the other is read.
 * @returns hex by algorithm
 * @throws ProblemError SOURCE_CHANGED, SOURCE_UNREADABLE; the signal's reason when aborted
 */
export async function digestStretch(
  source: SourceFile,
  { offsetBytes, lengthBytes }: Stretch,
  algorithms: readonly Algorithm[],
  onBytes: (bytes: number) => void,
  signal: AbortSignal,
): Promise<ReadonlyMap<Algorithm, string>> {
  const hashes = algorithms.map((algorithm) => ({ algorithm, hash: createHash(algorithm) }))
  const size = Math.min(chunkBytes, lengthBytes)
  let [current, next] = [Buffer.allocUnsafe(size), Buffer.allocUnsafe(size)]
  const readAt = (done: number, into: Buffer) =>
    readInto(source, into.subarray(0, Math.min(size, lengthBytes - done)), offsetBytes + done)
  let reading = lengthBytes > 0 ? readAt(0, current) : undefined
  try {
    for (let done = 0; reading !== undefined; ) {
      signal.throwIfAborted()
      const bytes = await reading
      done += bytes
      reading = done < lengthBytes ? readAt(done, next) : undefined
      for (const { hash } of hashes) hash.update(current.subarray(0, bytes))
      onBytes(bytes)
      ;[current, next] = [next, current]
    }
  } finally {
    // The read ahead must not outlive its buffer's use nor fail unheard; the error that matters is already on its way.
    await Promise.allSettled([reading])
  }
  return new Map(hashes.map(({ algorithm, hash }) => [algorithm, hash.digest('hex')]))
}

async function readInto(source: SourceFile, buffer: Buffer, position: number): Promise<number> {
  const bytesRead = await source.readInto(buffer, position)
  if (bytesRead > 0) return bytesRead
  throw problem('SOURCE_CHANGED', `${source.path} became shorter while it was read`, { at: { file: source.path } })
}

async function readFrom(path: string, handle: FileHandle, buffer: Buffer, position: number): Promise<number> {
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, position).catch((cause: unknown) => {
    throw problem('SOURCE_UNREADABLE', `${path} cannot be read at byte ${position}`, {
      detail: messageOf(cause),
      at: { file: path },
    })
  })
  return bytesRead
}

function unopened(path: string, cause: unknown) {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  const at = { file: path }
  if (code === 'ENOENT' || code === 'ENOTDIR') return problem('SOURCE_MISSING', `${path} is not there`, { at })
  if (code === 'ELOOP')
    return problem('ARCHIVE_HOSTILE', `${path} is a symbolic link`, { hint: 'put the file itself there', at })
  return problem('SOURCE_UNREADABLE', `${path} cannot be opened`, { detail: messageOf(cause), at })
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
