import { accessSync, constants } from 'node:fs'
import { join } from 'node:path'
import { bytesOf } from '../../core/domain/quantity.ts'
import type { DiskSourceOf } from '../../core/domain-disks.ts'
import { libvirtUri } from '../../core/libvirt-uri.ts'
import { type ProblemError, problem } from '../../core/problem.ts'
import { child, parseXml } from '../../core/xml.ts'
import type { Files } from '../../ports/files.ts'
import type { RbdImages } from '../../ports/rbd-images.ts'
import type { Destination, FoundVolume, PooledDisk, PublishDomain } from '../../ports/target.ts'
import type { Work } from '../../ports/work.ts'
import { lookAt } from './describe-volume.ts'
import { imageIn, networkSource } from './network-pool.ts'
import { refuseUnfitPool } from './pool-kind.ts'
import { findPool, type Pool, usePool } from './pools.ts'
import { intoCluster } from './rbd-upload.ts'
import { askPoolAnew } from './refresh-pool.ts'
import { overConnection, upload } from './upload.ts'
import { linesOf, type Virsh } from './virsh.ts'

/** What the state calls a volume that is no file of this host. */
function volumeId(uri: string, pool: string, volume: string): string {
  return `${uri}#volume/${pool}/${volume}`
}

/** What volumes are filled and read with. */
export interface VolumeMeans {
  readonly files: Pick<Files, 'rename' | 'copy' | 'identities' | 'sha256'>
  readonly rbd: RbdImages
}

/**
 * A volume for a disk: a file that is renamed or copied to its place where the pool is a folder of this host that h2k may
 * write to, else one that libvirt makes and takes the content of.
 */
export async function volumeFor(
  virsh: Virsh,
  { libvirt }: PublishDomain,
  { place, to }: PooledDisk,
  { files, rbd }: VolumeMeans,
  work: Work,
): Promise<Destination> {
  const pool = await usePool(virsh, place.pool, libvirt, work)
  refuseUnfitPool(pool, { format: to.format, volume: place.volume }, libvirt)
  const listed = await hasVolume(virsh, pool, place.volume, work.signal)
  const { local, path } = placeInPool(virsh.uri, pool, place.volume)
  if (listed && !work.owned(path) && !libvirt.overwriteVolumes) throw takenVolume(pool, place.volume)
  const common = { path, overwrite: libvirt.overwriteVolumes, keeps: !libvirt.move }
  const refresh = () => askPoolAnew(virsh, pool, 'pool-name', work.signal)
  if (local) {
    return {
      ...common,
      async take(from, sha256, take) {
        const moved = libvirt.move ? await files.rename(from, path) : undefined
        const file = moved ?? (await files.copy(from, path, sha256, take))
        await refresh()
        return file
      },
    }
  }
  const source = await sourceIn(pool, place.volume)
  return {
    ...common,
    source,
    async take(from, sha256, { signal }) {
      const [file] = files.identities([from])
      if (!file) throw problem('RESULT_WRONG', `${from} is missing`)
      const image = await imageOf(virsh, pool, place.volume, signal)
      if (image) await rbd.reach(image, signal)
      if (await hasVolume(virsh, pool, place.volume, signal)) {
        await virsh.run(['vol-delete', `--pool=${pool.name}`, `--vol=${place.volume}`], signal)
      }
      const there = { pool, volume: place.volume }
      const send = image ? intoCluster(image, rbd, files) : overConnection(virsh, there)
      await upload(virsh, file, { ...there, sha256 }, send, signal)
      await refresh()
      return await lookAt(virsh, pool.name, place.volume, path, signal)
    },
  }
}

/** A volume that is there already. */
export async function findVolume(
  virsh: Virsh,
  { id, place }: PooledDisk,
  { rbd }: Pick<VolumeMeans, 'rbd'>,
  signal: AbortSignal,
): Promise<FoundVolume> {
  const pool = await findPool(virsh, place.pool, signal)
  const missing = (what: string) => problem('IMPORT_REFUSED', `disk ${id}: ${virsh.uri} has no ${what}`)
  if (!pool) throw missing(`pool ${place.pool}`)
  const { local, path } = placeInPool(virsh.uri, pool, place.volume)
  if (local) return { path }
  if (!(await hasVolume(virsh, pool, place.volume, signal))) throw missing(`volume ${place.pool}/${place.volume}`)
  const names = [`--pool=${place.pool}`, `--vol=${place.volume}`]
  const xml = parseXml(await virsh.run(['vol-dumpxml', ...names], signal), `volume ${place.volume} of ${virsh.uri}`)
  const format = child(child(xml, 'target') ?? xml, 'format')?.attributes.type ?? 'raw'
  const capacity = child(xml, 'capacity')
  const file = await lookAt(virsh, pool.name, place.volume, path, signal)
  const patience = { timeoutSeconds: 3600 + Math.ceil(file.bytes / 1e6), long: true }
  return {
    path,
    volume: {
      source: await sourceIn(pool, place.volume),
      file,
      // What LVM and their like have no word for.
      format: pool.kind === 'file' ? format : 'raw',
      virtualBytes: bytesOf(capacity?.text ?? '', capacity?.attributes.unit) ?? 0,
      async sha256(within) {
        const image = await imageOf(virsh, pool, place.volume, within)
        if (image) return await rbd.sha256(image, file.bytes, within)
        return await virsh.digest(['vol-download', ...names], within, patience)
      },
    },
  }
}

/** The image that a volume is, in a pool of the network. */
async function imageOf(virsh: Virsh, { name, network }: Pool, volume: string, signal: AbortSignal) {
  return network && (await imageIn(virsh, { name, network }, volume, signal))
}

/** What the state calls a volume of the pool: a path where it is a file of this host that h2k may write, else an address. */
export function placeInPool(
  uri: string,
  { name, kind, path }: Pick<Pool, 'name' | 'kind' | 'path'>,
  volume: string,
): { readonly local: boolean; readonly path: string } {
  const local = kind === 'file' && !libvirtUri(uri)?.remote && path !== undefined && mayWrite(path)
  return { local, path: local ? join(path, volume) : volumeId(uri, name, volume) }
}

/** The refusal to replace a volume of others. */
export function takenVolume({ name }: Pick<Pool, 'name'>, volume: string): ProblemError {
  return problem('TARGET_TAKEN', `the pool ${name} has a volume ${volume} that h2k did not make`, {
    hint: 'libvirt_integration: {overwrite_volumes: true}, or {vm_name: …} for another name',
  })
}

/** Whether a pool, looked at anew, has a volume of that name. */
export async function hasVolume(
  virsh: Virsh,
  pool: Pick<Pool, 'uuid'>,
  volume: string,
  signal: AbortSignal,
): Promise<boolean> {
  return (await volumeLines(virsh, pool, signal)).some((line) => isLineOf(line, volume))
}

/** Whether a line of such a table is that of a volume. */
export function isLineOf(line: string, volume: string): boolean {
  return line.startsWith(`${volume}   `)
}

/** A table of the volumes in a pool, looked at anew: the name of each, three spaces or more, its path. */
export async function volumeLines(
  virsh: Virsh,
  pool: Pick<Pool, 'uuid'>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  return linesOf(await askPoolAnew(virsh, pool, 'vol-list', signal)).map((line) => line.trimStart())
}

async function sourceIn({ kind, path, name, network }: Pool, volume: string): Promise<DiskSourceOf> {
  if (network) return networkSource(network, volume)
  if (kind === 'network' || kind === 'volume' || path === undefined) return { kind: 'volume', pool: name, volume }
  return { kind, path: `${path}/${volume}` }
}

function mayWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false
    throw error
  }
}
