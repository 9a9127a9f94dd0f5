import { fingerprint } from '../../core/fingerprint.ts'
import { problem } from '../../core/problem.ts'
import type { PublishDisk } from '../../ports/target.ts'
import type { Work } from '../../ports/work.ts'
import { snapshotId } from './ours.ts'
import { type Overlay, type Overlays, overlayEvidence, overlayOf } from './overlays.ts'
import { linesOf, type Virsh } from './virsh.ts'

/** A disk in its place, and as the domain has it now. */
export interface SnapshotDisk extends Pick<PublishDisk, 'to' | 'source'> {
  /** libvirt's name for it: `vda`. */
  readonly target: string
  /** Whether the domain starts from the disk itself. */
  readonly plain: boolean
}

/** The names of the snapshots that libvirt knows of a domain. */
export async function snapshotsOf(virsh: Virsh, uuid: string, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const printed = await virsh.run(['snapshot-list', '--name', `--domain=${uuid}`], signal)
  return new Set(linesOf(printed).map((name) => name.trim()))
}

/**
 * Takes an external snapshot of all disks, of all or of none, once: a repeated apply finds it, and makes only those overlays anew
 * that are gone or lie over another disk by now. From then on the domain starts from overlays over the disks.
 */
export async function takeSnapshot(
  virsh: Virsh,
  uuid: string,
  snapshot: string,
  disks: readonly SnapshotDisk[],
  overlays: Overlays,
  work: Work,
): Promise<void> {
  const { signal } = work
  const id = snapshotId(virsh.uri, uuid, snapshot)
  const known = work.owned(id)
  const there = (await snapshotsOf(virsh, uuid, signal)).has(snapshot)
  if (there && !known) {
    throw problem('TARGET_TAKEN', `the domain has a snapshot ${snapshot} already that h2k did not take`, {
      hint: 'libvirt_integration: {snapshot_name: …} for another name',
    })
  }
  const all: Found[] = []
  for (const disk of disks) {
    const overlay = overlayOf(disk, snapshot)
    all.push({ ...disk, ...overlay, disk, standing: await overlays.standing(disk, overlay.path, work) })
  }
  const needed = all.filter(({ standing, plain }) => {
    if (standing === 'whole') return false
    if (standing === 'begun') return !there
    return known?.status !== 'made' || plain
  })
  if (known?.status === 'made' && needed.length === 0) return
  if (needed.length > 0) {
    await work.intend(id, fingerprint({ snapshot, overlays: all.map(({ target, file }) => ({ target, path: file })) }))
    for (const { path } of needed) await makeRoom(path, overlays, work)
    // libvirt has one snapshot of a name; the overlays that stay are no part of the new one, and are in use all the same.
    if (there)
      await virsh.run(['snapshot-delete', `--domain=${uuid}`, `--snapshotname=${snapshot}`, '--metadata'], signal)
    const specs = all.map((one) => `--diskspec=${one.target},${needed.includes(one) ? spec(one) : 'snapshot=no'}`)
    const what = [`--domain=${uuid}`, `--name=${snapshot}`, '--disk-only', '--atomic', ...specs]
    await virsh.run(['snapshot-create-as', ...what], signal)
  }
  for (const one of all.filter((one) => one.standing === 'begun' || needed.includes(one))) {
    await work.made(one.path, overlayEvidence(one.disk, await overlays.find(one.path, signal), work))
  }
  await work.made(id, {})
}

interface Found extends Overlay, SnapshotDisk {
  readonly disk: SnapshotDisk
  readonly standing: Awaited<ReturnType<Overlays['standing']>>
}

// What a libvirt that was killed left of its last attempt would be in the way of the next.
async function makeRoom(path: string, overlays: Overlays, work: Work): Promise<void> {
  if (await overlays.find(path, work.signal)) {
    if (!work.owned(path)) {
      throw problem('OUTPUT_NOT_OURS', `${path} exists, and h2k did not make it`, { hint: 'move it away' })
    }
    await overlays.remove(path, work.signal)
  }
  await work.intend(path, fingerprint(path))
}

// A comma ends a field, unless it is doubled.
function spec({ file }: Overlay): string {
  return `snapshot=external,file=${file.replaceAll(',', ',,')}`
}
