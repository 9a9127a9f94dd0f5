import { sourceText } from '../../core/domain/kept-domain.ts'
import type { DomainDisk } from '../../core/domain-disks.ts'
import type { FileIdentity } from '../../core/image.ts'
import type { Json } from '../../core/json.ts'
import { isMap } from '../../core/layer.ts'
import type { Artifact } from '../../core/record.ts'
import type { Files } from '../../ports/files.ts'
import type { Work } from '../../ports/work.ts'
import { lookAt } from './describe-volume.ts'
import { listPools } from './list-pools.ts'
import { storageOf } from './storage-removal.ts'
import type { Virsh } from './virsh.ts'
import { hasVolume } from './volumes.ts'

/** Where the guest writes once there is a snapshot: beside the disk, which from then on is only read. */
export interface Overlay {
  /** What the state calls it: an absolute path on this host, else the address of a volume. */
  readonly path: string
  /** Where its libvirt finds it: an absolute path on that host. */
  readonly file: string
}

type Base = Pick<DomainDisk, 'to' | 'source'>

/** The overlay that a snapshot makes of a disk. */
export function overlayOf(disk: Base, snapshot: string): Overlay {
  return { path: `${disk.to.path}.${snapshot}`, file: `${fileOf(disk)}.${snapshot}` }
}

/** The overlay of a disk that a domain starts from, when it is one: its name is that of the disk, a point, and more. */
export function overlayAt(disk: Base, file: string): Overlay | undefined {
  const base = fileOf(disk)
  return file.startsWith(`${base}.`) ? { path: `${disk.to.path}${file.slice(base.length)}`, file } : undefined
}

/** The disk, written in that overlay. */
export function inOverlay<Disk extends Base>(disk: Disk, { path, file }: Overlay): Disk {
  const to = { path, format: 'qcow2' as const }
  return disk.source ? { ...disk, to, source: { kind: 'file', path: file } } : { ...disk, to }
}

/** What the state calls the overlays over a volume, which it calls `path`, among the files that a domain starts from. */
export function overlayVolumes(path: string, sources: readonly string[]): readonly string[] {
  const volume = storageOf({ path })?.volume
  if (volume === undefined) return []
  const names = sources.map((source) => source.slice(source.lastIndexOf('/') + 1))
  return names.filter((name) => name.startsWith(`${volume}.`)).map((name) => `${path}${name.slice(volume.length)}`)
}

/** Where its libvirt finds a disk: an absolute path, pool and volume, or what it reads over the network. */
export function fileOf({ to, source }: Base): string {
  if (!source) return to.path
  return sourceText(source)
}

/**
 * What there is of an overlay: `none` that h2k made; `begun` by a run that was stopped, complete or not; `stale`, since another
 * disk was put under it; or `whole`.
 */
export type OverlayStanding = 'none' | 'begun' | 'stale' | 'whole'

/** Overlays, each a file of this host or a volume of a libvirt, by what the state calls them. */
export interface Overlays {
  /** Its file as it is; undefined where there is none. @throws ProblemError TARGET_FAILED when its pool is off */
  find(path: string, signal: AbortSignal): Promise<FileIdentity | undefined>
  /** @throws ProblemError TARGET_FAILED where nobody can tell */
  standing(disk: Base, path: string, work: Pick<Work, 'owned' | 'signal'>): Promise<OverlayStanding>
  /** Fine when it is gone already. */
  remove(path: string, signal: AbortSignal): Promise<void>
}

/** Those of one libvirt. */
export function overlaysIn(virsh: Virsh, files: Pick<Files, 'identities' | 'remove'>): Overlays {
  const find: Overlays['find'] = async (path, signal) => {
    const thing = path.startsWith('/') ? undefined : storageOf({ path })
    if (thing?.volume === undefined) return files.identities([path])[0]
    const listed = (await listPools(virsh, signal)).get(thing.pool)
    if (!listed || !(await hasVolume(virsh, listed, thing.volume, signal))) return undefined
    return await lookAt(virsh, thing.pool, thing.volume, path, signal)
  }
  return {
    find,
    async standing({ to }, path, { owned, signal }) {
      const artifact = owned(path)
      if (!artifact) return 'none'
      if (!(await find(path, signal))) {
        // While something is uploaded libvirt does not see what QEMU made since: what cannot be seen is not gone.
        const pool = storageOf({ path })?.pool
        if (pool !== undefined) await virsh.run(['pool-refresh', `--pool=${pool}`], signal)
        if (!(await find(path, signal))) return 'none'
      }
      if (artifact.status === 'intended') return 'begun'
      const over = isMap(artifact.evidence) ? artifact.evidence.over : undefined
      return over === undefined || over === contentOf(owned(to.path)) ? 'whole' : 'stale'
    },
    async remove(path, signal) {
      const thing = path.startsWith('/') ? undefined : storageOf({ path })
      if (thing?.volume === undefined) await files.remove(path, signal)
      else if (await find(path, signal)) {
        await virsh.run(['vol-delete', `--pool=${thing.pool}`, `--vol=${thing.volume}`], signal)
      }
    },
  }
}

/** What the state keeps of an overlay that was just made. */
export function overlayEvidence({ to }: Base, file: FileIdentity | undefined, { owned }: Pick<Work, 'owned'>): Json {
  const over = contentOf(owned(to.path))
  return { ...(file ? { file: { ...file } } : {}), ...(over === undefined ? {} : { over }) }
}

/** Hex: the SHA-256 of the disk as it was converted. */
function contentOf(artifact: Artifact | undefined): string | undefined {
  const { evidence } = artifact ?? {}
  return isMap(evidence) && typeof evidence.sha256 === 'string' ? evidence.sha256 : undefined
}
