import type { FileHandle } from 'node:fs/promises'
import { open } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import type { FileIdentity } from '../../core/image.ts'
import { problem } from '../../core/problem.ts'
import { discardCopy, readCheckpoint, removeCheckpoint, writeCheckpoint } from './checkpoint.ts'
import { measure } from './chunks.ts'
import { type CopyOrder, copyGrains } from './copy-grains.ts'
import type { Failure } from './messages.ts'
import { clusterBytes, qcow2Header, qcow2Layout, tableClusters } from './qcow2-layout.ts'
import { type Qcow2Tables, qcow2Tables } from './qcow2-tables.ts'
import { corrupt, type SparseVmdk } from './source.ts'

const usualSecondsBetweenCheckpoints = 5

export interface VmdkCopy {
  /** Where it is written until it is complete; what an earlier, stopped copy left there is gone on with. */
  readonly partial: string
  readonly format: 'raw' | 'qcow2'
  /** What the copy depends on besides the image itself: another one begins anew. */
  readonly key: string
  readonly signal: AbortSignal
  /** At least; 5 without it. Each costs a flush of what was written since. */
  readonly secondsBetweenCheckpoints?: number
  /** Bytes of the guest's disk that are copied. */
  progress(bytes: number): void
  complete(partial: string): Promise<FileIdentity>
}

/** The threads that copy besides one that hashes. */
export function copyThreads(): number {
  return Math.min(8, Math.max(1, availableParallelism()))
}

/**
 * Copies a sparse VMDK, each grain on one of several threads, into a raw or qcow2 file: holes stay holes, and so do grains
 * of zeros. The same image gives the same file. Killed at any point, it goes on where its last checkpoint was.
 * @returns the file and its sha256 in hex
 * @throws ProblemError IMAGE_CORRUPT with the offset; SOURCE_UNREADABLE; TARGET_UNWRITABLE
 */
export async function copyVmdk(vmdk: SparseVmdk, copy: VmdkCopy): Promise<{ file: FileIdentity; sha256: string }> {
  const { partial, format, signal } = copy
  const { grainBytes, capacityBytes } = vmdk.layout
  const key = JSON.stringify([1, format, copy.key, vmdk.layout, vmdk.lengthBytes])
  const doneBefore = await readCheckpoint(partial, key)
  if (doneBefore === 0) await discardCopy(partial)
  const file = await open(partial, doneBefore === 0 ? 'wx+' : 'r+')
  try {
    const begun: Begun = format === 'qcow2' ? await beginQcow2(vmdk, file) : { target: { fd: file.fd } }
    if (format === 'raw') await file.truncate(capacityBytes)
    const interval = copy.secondsBetweenCheckpoints ?? usualSecondsBetweenCheckpoints
    const checkpoints = keepCheckpoints({ partial, key, interval }, file)
    let copied = 0
    const sha256 = await copyGrains({
      vmdk,
      ...begun,
      threads: copyThreads(),
      doneBefore,
      signal,
      failure: (failure) => asProblem(vmdk, partial, failure),
      done(chunk, zeros) {
        begun.tables?.map(chunk, zeros)
        copied += chunk.grains.length * grainBytes
        copy.progress(copied)
        if (chunk.index >= doneBefore) checkpoints.reached(chunk.index + 1)
      },
    })
    await checkpoints.settled()
    await file.sync()
    const complete = await copy.complete(partial)
    await removeCheckpoint(partial)
    return { file: complete, sha256 }
  } catch (error) {
    // What was only stopped is gone on with; what failed is not.
    if (!signal.aborted) await discardCopy(partial)
    throw error
  } finally {
    await file.close()
  }
}

/** What a target is begun with. */
type Begun = Pick<CopyOrder, 'target' | 'head' | 'tail'> & { readonly tables?: Qcow2Tables }

async function beginQcow2(vmdk: SparseVmdk, file: FileHandle): Promise<Begun> {
  const { grains, stretches } = await measure(vmdk, clusterBytes * tableClusters)
  const layout = qcow2Layout(vmdk.layout.capacityBytes, grains, stretches)
  const tables = qcow2Tables(file.fd, layout)
  const target = { fd: file.fd, dataOffset: layout.dataOffset }
  return { target, tables, head: qcow2Header(layout), tail: () => tables.finish() }
}

/** Writes down from time to time how far it is: what is written down was flushed before. */
function keepCheckpoints(
  { partial, key, interval }: { partial: string; key: string; interval: number },
  file: FileHandle,
) {
  let last = performance.now()
  let writing: Promise<void> | undefined
  let failed: { readonly error: unknown } | undefined
  return {
    reached(chunks: number) {
      if (writing || performance.now() - last < interval * 1000) return
      writing = file
        .datasync()
        .then(() => writeCheckpoint(partial, { key, chunks }))
        .catch((error: unknown) => {
          failed = { error }
        })
        .finally(() => {
          last = performance.now()
          writing = undefined
        })
    },
    /** Waits for the one that is being written; a flush that failed says that the copy is not on the disk. */
    async settled() {
      await writing
      if (failed) throw failed.error
    },
  }
}

function asProblem({ name }: SparseVmdk, partial: string, { kind, what, code }: Failure): Error {
  switch (kind) {
    case 'corrupt':
      return corrupt(name, what)
    case 'source':
      return problem('SOURCE_UNREADABLE', `${name} cannot be read: ${what}`)
    case 'target':
      return problem(code === 'ENOSPC' ? 'SPACE_SHORT' : 'TOOL_FAILED', `${partial} cannot be written: ${what}`)
  }
}
