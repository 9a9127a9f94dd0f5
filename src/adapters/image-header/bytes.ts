import { constants, type Stats } from 'node:fs'
import { type FileHandle, lstat, open, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type ImageLocation, imageName } from '../../core/image.ts'
import { type ProblemError, problem } from '../../core/problem.ts'
import { fault, told } from './faults.ts'
import { explainingSource, shellWord } from './source-failure.ts'

type Stretch = NonNullable<ImageLocation['stretch']>

/** The bytes of one image: a whole file or a stretch of one. Offsets are relative to it and bounded by it. */
export interface ImageBytes {
  /** How messages name it. */
  readonly name: string
  /** Absolute. */
  readonly path: string
  readonly lengthBytes: number
  /** What its file takes on its file system, at most `lengthBytes`: less for a sparse file. */
  readonly storedBytes: number
  readonly inStretch: boolean
  /** The open file, and where in it the image begins: for those who read it on other threads. */
  readonly file: { readonly fd: number; readonly offsetBytes: number }
  /**
   * Reads exactly `length` bytes. `what` names them in messages, such as `grain directory`.
   * @throws ProblemError IMAGE_CORRUPT when they lie outside; SOURCE_CHANGED, SOURCE_UNREADABLE
   */
  read(offset: number, length: number, what: string): Promise<Buffer>
}

/**
 * Opens the file that an image is in, symbolic links followed, for as long as `use` takes.
 * @throws ProblemError SOURCE_MISSING, SOURCE_UNREADABLE, IMAGE_UNSUPPORTED for what is no regular file,
 *   ARCHIVE_CORRUPT for a stretch past the file's end
 */
export async function withImage<Result>(
  { path: given, stretch }: Pick<ImageLocation, 'path' | 'stretch'>,
  signal: AbortSignal,
  use: (image: ImageBytes) => Promise<Result>,
): Promise<Result> {
  const path = resolve(given)
  signal.throwIfAborted()
  // Looked at before it is opened: opening a device or a pipe can have effects, or wait for ever.
  const found = await explainingSource(path, () => stat(path))
  if (!found.isFile()) {
    throw problem('IMAGE_UNSUPPORTED', `${path} is ${kindOf(found)}, not a file`, {
      hint: found.isBlockDevice()
        ? `copy it into a file: dd if=${shellWord(path)} of=disk.raw bs=4M conv=sparse`
        : 'name an image file',
    })
  }
  return opened(path, 0, found, async (file, stored) => {
    if (stretch !== undefined && !liesWithin(stretch, stored.size)) {
      throw problem(
        'ARCHIVE_CORRUPT',
        `${path} ends at byte ${stored.size}, inside the disk at byte ${stretch.offsetBytes}`,
        {
          hint: 'copy the archive from its source again and compare the checksums',
        },
      )
    }
    return use(bytesOf({ path, file, stored, signal }, stretch))
  })
}

/**
 * Opens a further file of an image, one that the image names. Links are not followed.
 * @throws ProblemError SOURCE_MISSING, SOURCE_UNREADABLE, IMAGE_REFERS_OUTSIDE for what is no regular file
 */
export async function withExtent<Result>(
  path: string,
  signal: AbortSignal,
  use: (image: ImageBytes) => Promise<Result>,
): Promise<Result> {
  signal.throwIfAborted()
  const found = await explainingSource(path, () => lstat(path))
  if (!found.isFile()) {
    throw problem('IMAGE_REFERS_OUTSIDE', `${path}, an extent of an image, is ${kindOf(found)}, not a file`, {
      hint: 'put the extent itself beside its descriptor',
    })
  }
  return opened(path, constants.O_NOFOLLOW, found, (file, stored) => use(bytesOf({ path, file, stored, signal })))
}

async function opened<Result>(
  path: string,
  flags: number,
  expected: Stats,
  use: (file: FileHandle, found: Stats) => Promise<Result>,
): Promise<Result> {
  const file = await explainingSource(path, () => open(path, constants.O_RDONLY | constants.O_NONBLOCK | flags))
  try {
    const found = await explainingSource(path, () => file.stat())
    if (!found.isFile() || found.ino !== expected.ino || found.dev !== expected.dev) {
      throw changed(path, 'was replaced while it was being opened')
    }
    return await use(file, found)
  } finally {
    await file.close()
  }
}

/** Headers, descriptors and the first tables are read bit by bit: the beginning of an image is fetched once. */
const mostHeadBytes = 2 ** 16

interface OpenFile {
  readonly path: string
  readonly file: FileHandle
  readonly stored: Stats
  readonly signal: AbortSignal
}

function bytesOf({ path, file, stored, signal }: OpenFile, stretch?: Stretch): ImageBytes {
  const { offsetBytes, lengthBytes } = stretch ?? { offsetBytes: 0, lengthBytes: stored.size }
  const name = imageName({ path, ...(stretch ? { stretch } : {}) })
  const readAll = async (offset: number, length: number): Promise<Buffer> => {
    const bytes = Buffer.allocUnsafe(length)
    for (let done = 0; done < length; ) {
      signal.throwIfAborted()
      const at = offsetBytes + offset + done
      const { bytesRead } = await explainingSource(path, () => file.read(bytes, done, length - done, at))
      if (bytesRead === 0) throw changed(path, 'became shorter while it was read')
      done += bytesRead
    }
    return bytes
  }
  const headBytes = Math.min(mostHeadBytes, lengthBytes)
  let head: Promise<Buffer> | undefined
  return {
    name,
    path,
    lengthBytes,
    storedBytes: Math.min(stored.blocks * 512, lengthBytes),
    inStretch: stretch !== undefined,
    file: { fd: file.fd, offsetBytes },
    async read(offset, length, what) {
      if (!(offset >= 0 && offset + length <= lengthBytes)) {
        throw fault({ name }, 'IMAGE_CORRUPT', `ends at byte ${lengthBytes}; its ${what} is at byte ${told(offset)}`, {
          detail: `${length} bytes are read there`,
        })
      }
      if (offset + length > headBytes) return readAll(offset, length)
      signal.throwIfAborted()
      head ??= readAll(0, headBytes)
      return Buffer.from((await head).subarray(offset, offset + length))
    },
  }
}

function liesWithin({ offsetBytes, lengthBytes }: Stretch, fileBytes: number): boolean {
  return offsetBytes >= 0 && lengthBytes >= 0 && offsetBytes + lengthBytes <= fileBytes
}

function changed(path: string, how: string): ProblemError {
  return problem('SOURCE_CHANGED', `${path} ${how}`, {
    hint: 'wait until nothing writes to it, then run the same command again',
  })
}

function kindOf(found: Stats): string {
  if (found.isDirectory()) return 'a folder'
  if (found.isSymbolicLink()) return 'a symbolic link'
  if (found.isBlockDevice() || found.isCharacterDevice()) return 'a device'
  return found.isFIFO() ? 'a pipe' : 'a socket'
}
