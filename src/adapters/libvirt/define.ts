import type { DescribedDomain } from '../../core/domain/described-domain.ts'
import { domainDrift, driftText } from '../../core/domain/domain-drift.ts'
import { type KeptDomain, keptDomain, sourceText } from '../../core/domain/kept-domain.ts'
import { parseDomain } from '../../core/domain/parse-domain.ts'
import type { Domain } from '../../core/domain-xml.ts'
import { fingerprint } from '../../core/fingerprint.ts'
import { libvirtUri } from '../../core/libvirt-uri.ts'
import { problem } from '../../core/problem.ts'
import type { PublishDomain } from '../../ports/target.ts'
import type { Work } from '../../ports/work.ts'
import { describeDomain, type ListedDomain } from './domains.ts'
import { domainEvidence, domainId, type Place, running } from './ours.ts'
import { inOverlay, type Overlays, overlayAt, overlayOf } from './overlays.ts'
import { snapshotsOf } from './snapshot.ts'
import type { Virsh } from './virsh.ts'

/**
 * The file with a domain's UEFI variables: that of the domain that is there, which its libvirt may have chosen, else one by its
 * UUID and not its name, which may change. A user's own libvirt chooses where it is.
 */
export function nvramOf(
  { hardware, libvirt }: Pick<PublishDomain, 'hardware' | 'libvirt'>,
  uuid: string,
  current: DescribedDomain | undefined,
): Pick<Domain, 'nvram'> {
  if (hardware.firmware !== 'uefi' || libvirtUri(libvirt.uri)?.session !== false) return {}
  if (!current || hasOtherFirmware(current, hardware)) return { nvram: `/var/lib/libvirt/qemu/nvram/${uuid}_VARS.fd` }
  const { nvram } = current.firmware
  return nvram === undefined ? {} : { nvram }
}

/**
 * Each disk where the guest writes it now: in the overlay of a snapshot, when the domain that is there starts from it, or
 * when there is no domain any more. To point the domain at the disk below would throw away what the guest wrote since.
 * @throws ProblemError TARGET_RUNNING when an overlay has to be made anew under a domain that runs
 */
export async function withOverlays(
  virsh: Virsh,
  { disks, libvirt: { snapshot } }: Pick<PublishDomain, 'disks' | 'libvirt'>,
  { mine }: Place,
  current: DescribedDomain | undefined,
  overlays: Overlays,
  work: Pick<Work, 'owned' | 'signal'>,
): Promise<Domain['disks']> {
  const now: Domain['disks'][number][] = []
  for (const disk of disks) {
    const used = current?.disks.flatMap(({ source }) => overlayAt(disk, sourceText(source)) ?? [])
    const candidates = used ?? (snapshot === undefined ? [] : [overlayOf(disk, snapshot)])
    const overlay = candidates.find(({ path }) => work.owned(path))
    const standing = overlay ? await overlays.standing(disk, overlay.path, work) : 'none'
    // A run that was stopped after its snapshot was taken did not come to say so.
    const complete =
      standing === 'begun' &&
      overlay &&
      mine &&
      (await snapshotsOf(virsh, mine.uuid, work.signal)).has(overlay.path.slice(disk.to.path.length + 1))
    const stands = overlay && (standing === 'whole' || complete)
    if (overlay && !stands && mine && (mine.running || mine.saved)) {
      throw running(virsh.uri, mine, 'the overlay of a snapshot would be made anew')
    }
    now.push(stands ? inOverlay(disk, overlay) : disk)
  }
  return now
}

/**
 * Makes room for a definition: renames what has another name, and lets go of UEFI variables that belong to another kind of
 * firmware, since libvirt would keep them.
 */
export async function prepare(
  virsh: Virsh,
  { mine, other }: Place,
  current: DescribedDomain | undefined,
  input: Pick<PublishDomain, 'hardware' | 'libvirt'>,
  work: Work,
): Promise<void> {
  if (other) await undefine(virsh, other, work.signal)
  if (!mine || !current) return
  const changed = hasOtherFirmware(current, input.hardware)
  if (changed || mine.name !== input.libvirt.domain) {
    const why = changed ? 'another firmware starts with it anew' : 'only one that is off gets another name'
    if (mine.running || mine.saved) throw running(virsh.uri, mine, why)
  }
  if (changed && current.firmware.kind === 'uefi') await undefine(virsh, mine, work.signal)
  else if (mine.name !== input.libvirt.domain) {
    await virsh.run(['domrename', `--domain=${mine.uuid}`, `--new-name=${input.libvirt.domain}`], work.signal)
  }
}

// What libvirt chose by itself it may choose differently next time, and that is no other firmware.
function hasOtherFirmware({ firmware: now }: DescribedDomain, wanted: PublishDomain['hardware']): boolean {
  if (now.kind !== wanted.firmware || now.secureBoot !== wanted.secureBoot) return true
  const { loader, nvramTemplate } = wanted
  return loader !== undefined && (now.loader !== loader || now.nvramTemplate !== nvramTemplate)
}

/** Lets libvirt forget a domain with everything that it keeps of it; its disks stay. */
export async function undefine(virsh: Virsh, { uuid }: ListedDomain, signal: AbortSignal): Promise<void> {
  const all = ['--nvram', '--snapshots-metadata', '--checkpoints-metadata', '--managed-save']
  await virsh.run(['undefine', `--domain=${uuid}`, ...all], signal)
}

/**
 * Defines the domain, anew where it is there, and looks whether libvirt took it as it was written.
 * @throws ProblemError TARGET_FAILED, RESULT_WRONG
 */
export async function define(
  virsh: Virsh,
  { path, xml }: { readonly path: string; readonly xml: string },
  uuid: string,
  work: Work,
): Promise<KeptDomain> {
  const id = domainId(virsh.uri, uuid)
  await work.intend(id, fingerprint(xml))
  await virsh.run(['define', '--validate', `--file=${path}`], work.signal)
  const found = keptDomain(await describeDomain(virsh, uuid, work.signal))
  const written = keptDomain(parseDomain(xml, path))
  // What h2k leaves to libvirt: which version of a machine type, and devices that each machine has.
  const expected = { ...written, machineType: found.machineType, devices: found.devices }
  const wrong = domainDrift({ domain: expected, autostart: false }, { domain: found, autostart: false, running: false })
  if (wrong.length > 0) {
    throw problem('RESULT_WRONG', `${virsh.uri} defined ${written.name} differently: ${driftText(wrong)}`)
  }
  await work.made(id, domainEvidence(found))
  return found
}
