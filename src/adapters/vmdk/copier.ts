import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { FileIdentity, ImageLocation } from '../../core/image.ts'
import type { Work } from '../../ports/work.ts'
import { copyThreads, copyVmdk } from './copy-vmdk.ts'
import { clusterBytes } from './qcow2-layout.ts'
import type { SparseVmdk } from './source.ts'

/** What the copier takes from its neighbours. */
export interface CopierParts {
  /** Opens a VMDK that is one sparse file, and gives undefined for any other. */
  open<Result>(
    image: ImageLocation,
    signal: AbortSignal,
    use: (vmdk: SparseVmdk | undefined) => Promise<Result>,
  ): Promise<Result>
  partialName(path: string): string
  complete(partial: string, path: string): Promise<FileIdentity>
}

export interface CopierTarget {
  readonly path: string
  readonly format: 'raw' | 'qcow2'
  /** What else the result depends on; a stopped copy with the same key is gone on with. */
  readonly key: string
}

/** Copies sparse VMDKs on several threads. @returns undefined for those that it leaves to others, before it wrote anything */
export function vmdkCopier({ open, partialName, complete }: CopierParts) {
  return (from: ImageLocation, to: CopierTarget, { signal, progress }: Pick<Work, 'signal' | 'progress'>) =>
    open(from, signal, async (vmdk) => {
      if (!vmdk || !takes(vmdk, to.format)) return undefined
      await mkdir(dirname(to.path), { recursive: true })
      const { format, key } = to
      const partial = partialName(to.path)
      const made = await copyVmdk(vmdk, {
        ...{ partial, format, key, signal, progress },
        complete: () => complete(partial, to.path),
      })
      return { ...made, engine: `h2k, ${copyThreads()} threads` }
    })
}

// A grain has to be a cluster; without markers nobody knows how long a compressed grain is.
function takes({ layout }: SparseVmdk, format: CopierTarget['format']): boolean {
  if (layout.compressed && !layout.markers) return false
  return format === 'qcow2' ? layout.grainBytes === clusterBytes : layout.grainBytes <= 2 ** 21
}
