import { availableParallelism } from 'node:os'
import { type FlushPace, flushBehind } from '../../core/flush-behind.ts'
import type { FileIdentity } from '../../core/image.ts'
import { problemsOf } from '../../core/problem.ts'
import { discardCopy, readCheckpoint, removeCheckpoint, writeCheckpoint } from './checkpoint.ts'
import { chunkBytesFor, chunks } from './chunks.ts'
import { copyGrains } from './copy-grains.ts'
import type { CopyProblems } from './copy-problems.ts'
import { openTarget, type Written } from './direct.ts'
import { type GrainSizes, openSizes } from './grain-sizes.ts'
import type { Compression } from './messages.ts'
import type { GrainSource } from './source.ts'
import { appendedTarget, measured, qcow2Target, rawTarget, type TargetFile } from './targets.ts'

export interface ImageCopy {
  /** Where it is written until it is complete; what an earlier, stopped copy left there is gone on with. */
  readonly partial: string
  readonly format: 'raw' | 'qcow2'
  /** Only of qcow2. */
  readonly compression?: Compression
  /** What the copy depends on: another one begins anew. */
  readonly key: string
  /** That copy, beside one that hashes; 0 for a copy that is over before a thread has started. */
  readonly threads: number
  readonly signal: AbortSignal
  /** How often it is written down what a killed copy goes on from; undefined for what suits the target. */
  readonly pace?: FlushPace
  /** Bytes of the guest's disk that are copied. */
  progress(bytes: number): void
  /** Hex, of a whole file. */
  sha256(path: string, signal: AbortSignal): Promise<string>
  complete(partial: string): Promise<FileIdentity>
  readonly problems: Pick<CopyProblems, 'of'>
}

/** The threads that copy, besides one that hashes. */
export function copyThreads(): number {
  return Math.min(8, Math.max(1, availableParallelism()))
}

/**
 * Copies an image, each grain on one of several threads, into a raw or qcow2 file: holes stay holes, and so do grains of
 * zeros. The same image gives the same file. Killed at any point, it goes on where its last checkpoint was.
 * @returns the file and its sha256 in hex
 * @throws ProblemError IMAGE_CORRUPT with the offset; SOURCE_UNREADABLE; what the system says of the target
 */
export async function copyImage(source: GrainSource, copy: ImageCopy): Promise<{ file: FileIdentity; sha256: string }> {
  const { partial, format, compression, threads, signal } = copy
  const { grainBytes, capacityBytes } = source
  const mostBytes = chunkBytesFor(threads)
  const key = JSON.stringify([1, format, copy.key, capacityBytes, grainBytes, mostBytes, compression])
  const { chunks: doneBefore = 0, grains = 0 } = (await readCheckpoint(partial, key)) ?? {}
  if (doneBefore === 0) await discardCopy(partial)
  // What is read once more for its checksum is better in memory.
  const past = threads > 0 && !compression
  const target = await openTarget(partial, doneBefore === 0 ? 'wx+' : 'r+', { grainBytes, past })
  const { file } = target
  let sizes: GrainSizes | undefined
  const write = async (chunks: number) => {
    const [grains] = await Promise.all([sizes?.flush(), file.datasync()])
    // What is written down was flushed before.
    await writeCheckpoint(partial, { key, chunks, ...(grains === undefined ? {} : { grains }) })
  }
  const checkpoints = flushBehind(write, copy.pace ?? target.pace)
  try {
    sizes = compression && (await openSizes(partial, grains))
    const nextSizes = sizes?.next
    if (format === 'raw') await file.truncate(capacityBytes)
    const into = await targetOf(target.written, source, copy)
    let copied = 0
    const onTheWay = await copyGrains({
      source,
      chunks: chunks(source, mostBytes),
      into,
      threads,
      doneBefore,
      ...(nextSizes ? { keptBefore: ({ grains }) => nextSizes(grains.length) } : {}),
      signal: AbortSignal.any([signal, checkpoints.failed]),
      problems: copy.problems,
      done({ index, grains }, kept) {
        copied += grains.length * grainBytes
        copy.progress(copied)
        if (index < doneBefore) return
        sizes?.add(kept)
        checkpoints.reached(index + 1)
      },
    })
    await checkpoints.settled()
    const sha256 = compression ? await copy.sha256(partial, signal) : onTheWay
    await file.sync()
    const complete = await copy.complete(partial)
    await removeCheckpoint(partial)
    return { file: complete, sha256 }
  } catch (error) {
    // Gone on with is what was only stopped, or whose source could not be read this time, and is not made in no time.
    const unread = problemsOf(error)?.every(({ code }) => code === 'SOURCE_UNREADABLE') ?? false
    if ((signal.aborted || unread) && threads > 0) await checkpoints.stopped()
    else {
      await checkpoints.over()
      await discardCopy(partial)
    }
    throw error
  } finally {
    await sizes?.close()
    await target.close()
  }
}

async function targetOf(file: Written, source: GrainSource, { format, compression }: ImageCopy): Promise<TargetFile> {
  if (format === 'raw') return rawTarget(file, source)
  return compression ? appendedTarget(file.fd, source, compression) : qcow2Target(file, await measured(source))
}
