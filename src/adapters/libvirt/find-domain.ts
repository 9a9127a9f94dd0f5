import type { DescribedDomain } from '../../core/domain/described-domain.ts'
import { domainDrift, driftText } from '../../core/domain/domain-drift.ts'
import { type KeptDomain, keptDomain, sourceText } from '../../core/domain/kept-domain.ts'
import { parseDomain } from '../../core/domain/parse-domain.ts'
import { domainUuid, domainXml } from '../../core/domain-xml.ts'
import { printable } from '../../core/printable.ts'
import { type ProblemError, problem } from '../../core/problem.ts'
import type { Files } from '../../ports/files.ts'
import type { FoundTarget, PublishDisk, PublishDomain } from '../../ports/target.ts'
import { domainTypeOf } from './capabilities.ts'
import { nvramOf } from './define.ts'
import { describeDomain, type ListedDomain, listDomains } from './domains.ts'
import type { LibvirtTargetParts } from './libvirt-target.ts'
import { domainEvidence, domainId, snapshotId } from './ours.ts'
import { fileOf, inOverlay, overlayOf, overlaysIn } from './overlays.ts'
import { snapshotsOf } from './snapshot.ts'
import type { Virsh } from './virsh.ts'

type Means = Pick<LibvirtTargetParts, 'findDomainFile'> & { readonly files: Pick<Files, 'identities' | 'remove'> }

/**
 * The domain of a machine that the state does not know, by the machine's UUID, else by its name, against what publishing would
 * define. Changes nothing.
 * @throws ProblemError IMPORT_REFUSED
 */
export async function findDomain(
  virsh: Virsh,
  input: PublishDomain,
  cutOver: boolean,
  { files, findDomainFile }: Means,
  signal: AbortSignal,
): Promise<FoundTarget> {
  const { libvirt, directory, kind: _kind, ...machine } = input
  const type = libvirt.domainType ?? (await domainTypeOf(virsh, signal))
  const plain = { ...machine, type, domainName: libvirt.domain }
  const uuid = domainUuid(input)
  if (!libvirt.define) {
    const { artifacts, differences, ...file } = await findDomainFile(
      directory,
      [domainXml({ ...plain, ...nvramOf(input, uuid, undefined) })],
      signal,
    )
    return { published: { ...file, uuid }, artifacts, differences }
  }
  const listed = await listDomains(virsh, signal)
  const mine = listed.get(uuid) ?? [...listed.values()].find(({ name }) => name === libvirt.domain)
  if (!mine) {
    throw refused(`${virsh.uri} has no domain ${printable(libvirt.domain)}`, {
      hint: 'libvirt_integration: {vm_name: …} says what it is called there',
    })
  }
  const current = await describeDomain(virsh, mine.uuid, signal)
  refuseOthers(current, input)
  const disks = input.disks.map((disk) => diskIn(current, disk, libvirt.snapshot))
  const domain = { ...plain, uuid: mine.uuid, ...nvramOf(input, mine.uuid, current) }
  const xml = domainXml({ ...domain, disks })
  // As it was before its snapshot was taken.
  const file = await findDomainFile(directory, [xml, domainXml({ ...domain, disks: input.disks })], signal)
  const found = keptDomain(current)
  const wanted = withGiven(keptDomain(parseDomain(xml, 'domain.xml')), found, current.made !== undefined)
  const { autostartAtCutover, running } = libvirt
  const autostart = autostartAtCutover ? cutOver : libvirt.autostart
  const state = { domain: wanted, autostart, ...(running ? { running } : {}) }
  const changes = domainDrift(state, { domain: found, autostart: mine.autostart, running: mine.running })
  const about = changes.map(({ path, from: is, to: was }) => ({
    path,
    ...(was === undefined ? {} : { from: was }),
    ...(is === undefined ? {} : { to: is }),
  }))
  const { artifacts, differences, ...written } = file
  return {
    published: {
      ...written,
      uuid: mine.uuid,
      libvirt: {
        uri: virsh.uri,
        domain: wanted,
        autostart: libvirt.autostart,
        ...(autostartAtCutover ? { autostartAtCutover } : {}),
        ...(running ? { running } : {}),
        disks: wanted.disks.map(({ id, source }) => ({ id, source })),
      },
    },
    artifacts: [
      ...artifacts,
      { path: domainId(virsh.uri, mine.uuid), evidence: { ...domainEvidence(found) } },
      ...(await snapshotOf(virsh, mine, input, disks, files, signal)),
    ],
    differences: [
      ...differences,
      ...(current.made
        ? []
        : [`the domain ${printable(mine.name)} bears no mark of h2k: it is defined anew by what git says`]),
      ...(about.length === 0 ? [] : [`the domain ${printable(mine.name)} is changed: ${driftText(about)}`]),
    ],
  }
}

function refuseOthers({ name, made }: DescribedDomain, { workspace, name: machine }: PublishDomain): void {
  if (!made || (made.workspace === workspace && made.name === machine)) return
  const whose = `machine.${printable(made.name)} of the workspace ${printable(made.workspace)}`
  throw refused(`the domain ${printable(name)} is that of ${whose}`, {
    hint: made.workspace === workspace ? `--made-as ${printable(made.name)}` : 'import it in that workspace',
  })
}

/** The disk where the domain has it: in its place, or in an overlay over that which a snapshot made. */
function diskIn({ disks, name }: DescribedDomain, disk: PublishDisk, snapshot: string | undefined): PublishDisk {
  const place = fileOf(disk)
  const has = disks.map((one) => sourceText(one.source))
  if (has.includes(place)) return disk
  const overlay = snapshot === undefined ? undefined : overlayOf(disk, snapshot)
  if (overlay && has.includes(overlay.file)) return inOverlay(disk, overlay)
  throw refused(`disk ${disk.id}: the domain ${printable(name)} has no disk ${printable(place)}`, {
    detail: `it has ${has.map(printable).join(', ') || 'none'}`,
    hint: 'let git name the one that it has: disks: [{id: …, target_path: …}]',
  })
}

// What libvirt settles by itself: which version of a machine type, and devices that each machine has.
function withGiven(wanted: KeptDomain, found: KeptDomain, ours: boolean): KeptDomain {
  const family = wanted.machineType === 'q35' ? /^pc-q35-/ : /^pc-i440fx-/
  const machineType = family.test(found.machineType) ? found.machineType : wanted.machineType
  const given = ours ? found.devices : { ...wanted.devices, ...implicitIn(found.devices) }
  return { ...wanted, machineType, devices: given }
}

const implicit: ReadonlySet<string> = new Set(['input', 'audio', 'memballoon', 'console', 'serial'])

function implicitIn(devices: KeptDomain['devices']): KeptDomain['devices'] {
  return Object.fromEntries(Object.entries(devices).filter(([kind]) => implicit.has(kind)))
}

/** The snapshot that publishing would have taken, with its overlays. */
async function snapshotOf(
  virsh: Virsh,
  { uuid }: ListedDomain,
  { libvirt: { snapshot }, disks: places }: PublishDomain,
  disks: readonly Pick<PublishDisk, 'to'>[],
  files: Means['files'],
  signal: AbortSignal,
): Promise<FoundTarget['artifacts']> {
  if (snapshot === undefined) return []
  const overlays = disks.map(({ to }) => to.path).filter((path, index) => path !== places[index]?.to.path)
  const there = (await snapshotsOf(virsh, uuid, signal)).has(snapshot)
  const found: FoundTarget['artifacts'][number][] = []
  for (const path of overlays) {
    const file = await overlaysIn(virsh, files).find(path, signal)
    // What its machine wrote to it until now may be a lot.
    found.push({ path, evidence: file ? { file: { ...file }, written: true } : {} })
  }
  return [...found, ...(there ? [{ path: snapshotId(virsh.uri, uuid, snapshot), evidence: {} }] : [])]
}

function refused(summary: string, rest: { readonly detail?: string; readonly hint: string }): ProblemError {
  return problem('IMPORT_REFUSED', summary, rest)
}
