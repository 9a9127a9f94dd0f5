import { type FileHandle, mkdir, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { FileIdentity } from '../../core/image.ts'
import { problem } from '../../core/problem.ts'
import { sha256 as digestOf } from './digest.ts'
import { unwritable } from './unwritable.ts'
import { completeFile, flush, partialName } from './write-whole.ts'

const pieceBytes = 4 * 1024 * 1024
const blockBytes = 64 * 1024
const zeros = Buffer.alloc(blockBytes)

interface CopyWork {
  readonly signal: AbortSignal
  progress(bytesDone: number): void
}

/**
 * Copies a file so that under its final name it is complete, on the disk, and what `sha256` says. Zeros become holes, unless
 * all of the file is allocated: then somebody wants it to be.
 */
export async function copyWhole(from: string, to: string, sha256: string, work: CopyWork): Promise<FileIdentity> {
  const partial = partialName(to)
  try {
    await mkdir(dirname(to), { recursive: true })
    await rm(partial, { force: true })
    await copyInto(partial, from, work)
    const [found] = await Promise.all([digestOf(partial, work.signal), flush(partial)])
    if (found !== sha256) {
      throw problem('RESULT_WRONG', `the copy of ${from} to ${to} is not what h2k made`, {
        detail: `made ${sha256}, copied ${found}`,
        hint: 'apply again with --redo convert for this machine',
      })
    }
    return await completeFile(partial, to)
  } catch (error) {
    await rm(partial, { force: true })
    throw unwritable(error, to)
  }
}

async function copyInto(partial: string, from: string, work: CopyWork): Promise<void> {
  const source = await open(from, 'r')
  try {
    const { size, blocks } = await source.stat()
    const target = await open(partial, 'wx')
    try {
      const sparse = blocks * 512 < size
      const piece = Buffer.allocUnsafe(pieceBytes)
      for (let at = 0; at < size; ) {
        work.signal.throwIfAborted()
        const { bytesRead } = await source.read(piece, 0, pieceBytes, at)
        if (bytesRead === 0) break
        await writePiece(target, piece.subarray(0, bytesRead), at, sparse)
        at += bytesRead
        work.progress(at)
      }
      await target.truncate(size)
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}

/** Writes the stretches that hold data. */
async function writePiece(target: FileHandle, piece: Buffer, at: number, sparse: boolean): Promise<void> {
  for (let from = 0; from < piece.length; ) {
    let to = from
    if (!sparse) to = piece.length
    else while (to < piece.length && !isZero(piece, to)) to += blockBytes
    const data = piece.subarray(from, to)
    for (let done = 0; done < data.length; ) {
      done += (await target.write(data, done, data.length - done, at + from + done)).bytesWritten
    }
    from = Math.max(to, from) + (to < piece.length ? blockBytes : 0)
  }
}

function isZero(piece: Buffer, at: number): boolean {
  const block = piece.subarray(at, at + blockBytes)
  return block.equals(zeros.subarray(0, block.length))
}
