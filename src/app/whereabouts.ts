import { type FileIdentity, sameFile } from '../core/image.ts'
import { isMap } from '../core/layer.ts'
import type { ConvertedDisk } from '../core/outputs.ts'
import type { Artifact } from '../core/record.ts'
import type { Files } from '../ports/files.ts'
import type { Target } from '../ports/target.ts'
import type { Work } from '../ports/work.ts'

/** What the state knows that h2k made of a machine, and did with it. */
export type Known = Pick<Work, 'artifacts' | 'cutover'>

/** The same without the volumes that their target no longer has. */
export async function withoutGone<Knowing extends Pick<Known, 'artifacts'>>(
  known: Knowing,
  { gone }: Pick<Target, 'gone'>,
  signal: AbortSignal,
): Promise<Knowing> {
  const volumes = known.artifacts().filter(({ path }) => path.includes('#volume/'))
  if (volumes.length === 0) return known
  const missing = await gone(volumes, signal)
  return { ...known, artifacts: () => known.artifacts().filter(({ path }) => !missing.has(path)) }
}

/** A disk as its conversion described it, with the file that it is now. */
export interface KnownDisk extends ConvertedDisk {
  /** Set where publishing moved it to. */
  readonly placed?: true
  /** Set where it was copied: what it was copied from. */
  readonly taken?: FileIdentity
  /** Hex, of the file: set where a machine wrote to it before it was moved. */
  readonly written?: string
}

/** A converted disk, untouched since, under one of the names that the state knows it by. */
export interface DiskCopy {
  readonly path: string
  readonly file: FileIdentity
  readonly disk: KnownDisk
  /** What the state knows it as: its fingerprint is that of the conversion. */
  readonly artifact: Artifact
  /** Whether the state knows that it is complete there. */
  readonly noted: boolean
}

/** Whether a machine may run from the disks: what it writes to them is its own affair from then on. */
export function handedOver({ artifacts }: Pick<Known, 'artifacts'>): boolean {
  return artifacts().some(({ path }) => /#domain\//.test(path))
}

/**
 * Every sound copy of the disk that is converted to `path`: there, or where publishing moved it. A move keeps the
 * conversion's fingerprint, so what is only intended with it and looks the same came there in a move that was killed. A disk
 * that a machine runs from is sound as long as it is there.
 */
export function soundCopies(
  { id, path }: { readonly id: string; readonly path: string },
  files: Files,
  { artifacts }: Pick<Known, 'artifacts'>,
): readonly DiskCopy[] {
  const known = artifacts()
  const itsOwn = handedOver({ artifacts })
  return known.flatMap((artifact): DiskCopy[] => {
    const { fingerprint } = artifact
    const disk = knownDisk(artifact)
    if (disk?.id !== id || !(disk.placed || artifact.path === path)) return []
    const intended = known.filter((other) => other.status === 'intended' && other.fingerprint === fingerprint)
    return [artifact, ...intended].flatMap((one) => {
      const noted = one === artifact
      const file = noted || one.path.startsWith('/') ? identityAt(one.path, disk, files) : undefined
      if (!file || !((itsOwn && noted) || sameFile(disk.file, file))) return []
      return [{ path: one.path, file, disk, artifact: one, noted }]
    })
  })
}

/** The disk that an artifact is; undefined for other files, and for one that is only intended. */
export function knownDisk({ status, evidence }: Artifact): KnownDisk | undefined {
  if (status !== 'made' || !isMap(evidence) || typeof evidence.id !== 'string' || !isMap(evidence.file))
    return undefined
  return evidence as unknown as KnownDisk
}

// What is no file of this host is looked at by its target.
function identityAt(path: string, disk: KnownDisk, files: Files): FileIdentity | undefined {
  return path.startsWith('/') ? files.identities([path])[0] : disk.file
}
