import { basename, dirname, join } from 'node:path'
import type { DomainDisk } from '../../core/domain-disks.ts'
import { fingerprint } from '../../core/fingerprint.ts'
import { problem } from '../../core/problem.ts'
import type { Files } from '../../ports/files.ts'
import type { Work } from '../../ports/work.ts'
import { snapshotId } from './ours.ts'
import { linesOf, type Virsh } from './virsh.ts'

/** Where the guest writes once there is a snapshot: beside the disk, which from then on is only read. */
export function overlayPath(path: string, snapshot: string): string {
  return join(dirname(path), `${basename(path)}.${snapshot}`)
}

/**
 * Takes an external snapshot of all disks, of all or of none, once: a repeated apply finds it. From then on the domain
 * starts from overlays over the disks.
 */
export async function takeSnapshot(
  virsh: Virsh,
  uuid: string,
  snapshot: string,
  disks: readonly (Pick<DomainDisk, 'to'> & { readonly target: string })[],
  files: Pick<Files, 'identities' | 'exists' | 'remove'>,
  work: Work,
): Promise<void> {
  const id = snapshotId(virsh.uri, uuid, snapshot)
  const known = work.owned(id)
  if (known?.status === 'made') return
  const overlays = disks.map(({ to, target }) => ({ target, path: overlayPath(to.path, snapshot) }))
  const listed = linesOf(await virsh.run(['snapshot-list', '--name', `--domain=${uuid}`], work.signal))
  const there = listed.some((name) => name.trim() === snapshot)
  if (there && !known) {
    throw problem('TARGET_TAKEN', `the domain has a snapshot ${snapshot} already that h2k did not take`, {
      hint: 'libvirt_integration: {snapshot_name: …} for another name',
    })
  }
  if (!there) {
    await work.intend(id, fingerprint({ snapshot, overlays }))
    for (const { path } of overlays) await intendOverlay(path, files, work)
    const specs = overlays.map(({ target, path }) => `--diskspec=${target},snapshot=external,file=${escaped(path)}`)
    const what = [`--domain=${uuid}`, `--name=${snapshot}`, '--disk-only', '--atomic', ...specs]
    await virsh.run(['snapshot-create-as', ...what], work.signal)
  }
  for (const { path } of overlays) {
    const [file] = files.identities([path])
    await work.made(path, file ? { file: { ...file } } : {})
  }
  await work.made(id, {})
}

// What a libvirt that was killed left of its last attempt would be in the way of the next.
async function intendOverlay(path: string, files: Pick<Files, 'exists' | 'remove'>, work: Work): Promise<void> {
  if (files.exists(path)) {
    if (!work.owned(path))
      throw problem('OUTPUT_NOT_OURS', `${path} exists, and h2k did not make it`, { hint: 'move it away' })
    await files.remove(path, work.signal)
  }
  await work.intend(path, fingerprint(path))
}

// A comma ends a field, unless it is doubled.
function escaped(path: string): string {
  return path.replaceAll(',', ',,')
}
