import { constants, write } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { FlushPace } from '../../core/flush-behind.ts'
import { knowsPages, pageBytes } from './slots.ts'
import { writeAt } from './write-at.ts'

/** The kernel puts smaller ones together, of which each would have to wait for the disk. */
const leastBytes = 2 ** 18
const writeSome = promisify(write)

/** A file that is being written, as the threads of a copy know it. */
export interface Written {
  readonly fd: number
  /** The same file, for what can be written past the host's memory. */
  readonly direct?: number
}

/** A file that is being written. */
interface OpenTarget {
  readonly file: FileHandle
  readonly written: Written
  /** Of flushes of what is written to it; undefined for the usual. */
  readonly pace: FlushPace | undefined
  close(): Promise<void>
}

interface Writing {
  /** What pieces are made of. */
  readonly grainBytes: number
  /** Whether large ones are to be written past the host's memory, where its file system and this host can. */
  readonly past: boolean
}

/** Opens a new file (`wx+`), or one that is gone on with (`r+`). @throws what the file system says */
export async function openTarget(
  path: string,
  flags: 'wx+' | 'r+',
  { grainBytes, past }: Writing,
): Promise<OpenTarget> {
  const file = await open(path, flags)
  const direct = past && isWhole(grainBytes) && knowsPages() ? await openAgain(file) : undefined
  return {
    file,
    written: { fd: file.fd, ...(direct ? { direct: direct.fd } : {}) },
    // Only small pieces are behind, and a disk may take no writes while it flushes: a twentieth of the time is enough for that.
    pace: direct ? { seconds: 1, times: 20 } : undefined,
    async close() {
      await Promise.all([direct?.close(), file.close()])
    },
  }
}

// The same file, whatever has its name by now. Where it cannot be opened for that, there is nothing to tell: it is open already.
async function openAgain({ fd }: FileHandle): Promise<FileHandle | undefined> {
  return await open(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_DIRECT).catch(() => undefined)
}

/**
 * Writes all of `bytes`: large pieces past the host's memory where that can be done, while who calls goes on.
 * @returns what to wait for before the bytes are used again; undefined when it is written
 */
export function writerTo({ fd, direct }: Written): (bytes: Buffer, offset: number) => Promise<void> | undefined {
  let taken = direct
  return (bytes, offset) => {
    if (taken !== undefined && bytes.length >= leastBytes && isWhole(bytes.length) && isWhole(offset)) {
      return writePast(taken, bytes, offset)
    }
    writeAt(fd, bytes, offset)
    return undefined
  }

  async function writePast(into: number, bytes: Buffer, offset: number): Promise<void> {
    let done = 0
    try {
      while (done < bytes.length) {
        done += (await writeSome(into, bytes, done, bytes.length - done, offset + done)).bytesWritten
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error
      // Memory or a place that is none to this disk, or the rest of a piece: the kernel does it through its memory.
      taken = undefined
      writeAt(fd, bytes.subarray(done), offset + done)
    }
  }
}

function isWhole(bytes: number): boolean {
  return bytes % pageBytes === 0
}
