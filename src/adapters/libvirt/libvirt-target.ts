import { keptDomain, sourceText } from '../../core/domain/kept-domain.ts'
import type { Domain } from '../../core/domain-xml.ts'
import { domainUuid } from '../../core/domain-xml.ts'
import type { DriftFinding } from '../../core/drift.ts'
import type { FileIdentity } from '../../core/image.ts'
import type { Finding, PublishedDomain } from '../../core/outputs.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Files } from '../../ports/files.ts'
import type { RbdImages } from '../../ports/rbd-images.ts'
import type { FoundTarget, PublishDomain, Published, Target, TargetFor } from '../../ports/target.ts'
import type { Work } from '../../ports/work.ts'
import { setAutostart } from './autostart.ts'
import { domainTypeOf } from './capabilities.ts'
import { checkHost } from './check-host.ts'
import { checkPools } from './check-pools.ts'
import { define, nvramOf, prepare, withOverlays } from './define.ts'
import { driftOfDomain } from './domain-findings.ts'
import { describeDomain, listDomains } from './domains.ts'
import { findDomain } from './find-domain.ts'
import { foresee } from './foresee.ts'
import { rememberHosts } from './host-facts.ts'
import { createObserver } from './observe.ts'
import { domainEvidence, domainId, findPlace } from './ours.ts'
import { fileOf, type Overlays, overlaysIn, overlayVolumes } from './overlays.ts'
import { createPoolObserver } from './pool-sight.ts'
import { destroyInLibvirt, libvirtRemains, refuseRunning } from './removal.ts'
import { createSight } from './sight.ts'
import { takeSnapshot } from './snapshot.ts'
import type { Virsh } from './virsh.ts'
import { goneVolumes, volumeDrift } from './volume-drift.ts'
import { findVolume, volumeFor } from './volumes.ts'

export interface LibvirtTargetParts {
  readonly files: Pick<Files, 'identities' | 'exists' | 'remove' | 'rename' | 'copy' | 'sha256'>
  readonly rbd: RbdImages
  readonly clock: Clock
  connect(uri: string): Virsh
  writeDomainFile(
    directory: string,
    domain: Domain,
    work: Work,
  ): Promise<{
    readonly domain: FileIdentity
    readonly sha256: string
    readonly xml: string
    readonly findings: readonly Finding[]
  }>
  findDomainFile(
    directory: string,
    wanted: readonly string[],
    signal: AbortSignal,
  ): Promise<Pick<FoundTarget, 'artifacts' | 'differences'> & Pick<Published, 'domain' | 'sha256' | 'findings'>>
  driftOfFile(file: FileIdentity): DriftFinding
}

/** Domains in libvirt, each under the UUID that its machine always has. */
export function libvirtTarget({
  clock,
  files,
  rbd,
  connect: connectAnew,
  writeDomainFile,
  findDomainFile,
  driftOfFile,
}: LibvirtTargetParts): TargetFor<PublishDomain> & Pick<Target, 'refuseRunning' | 'volume' | 'findVolume' | 'gone'> {
  const connect = rememberHosts(clock, connectAnew)
  const observe = createObserver(clock)
  const pools = createPoolObserver(clock)
  return {
    async check(input, work, disks) {
      const virsh = connect(input.libvirt.uri)
      const domains = await listDomains(virsh, work.signal)
      if (input.libvirt.define) findPlace(domains, input, work)
      const said = await checkHost(virsh, input, disks, work.signal)
      return [...said, ...(await checkPools(virsh, input, { pools, rbd }, work))]
    },
    async foresee(input, work) {
      const virsh = connect(input.libvirt.uri)
      return await foresee(virsh, input, await observe(virsh, work.signal), pools, work)
    },
    async find(input, { cutOver }, signal) {
      const virsh = connect(input.libvirt.uri)
      return await findDomain(virsh, input, cutOver, { files, findDomainFile }, signal)
    },
    async findVolume(input, disk, signal) {
      if (input.kind !== 'libvirt') throw new Error('only a libvirt has pools')
      return await findVolume(connect(input.libvirt.uri), disk, { rbd }, signal)
    },
    async publish(input, work) {
      const { libvirt, directory, kind: _kind, ...machine } = input
      const virsh = connect(libvirt.uri)
      const uuid = domainUuid(input)
      const place = libvirt.define ? findPlace(await listDomains(virsh, work.signal), input, work) : {}
      const current = place.mine && (await describeDomain(virsh, uuid, work.signal))
      const type = libvirt.domainType ?? (await domainTypeOf(virsh, work.signal))
      const nvram = nvramOf(input, uuid, current)
      const overlays = overlaysIn(virsh, files)
      const disks = await withOverlays(virsh, input, place, current, overlays, work)
      const domain = { ...machine, ...nvram, type, disks, domainName: libvirt.domain }
      const file = await writeDomainFile(directory, domain, work)
      const written = { domain: file.domain, sha256: file.sha256, uuid, findings: file.findings }
      if (!libvirt.define) return written
      await prepare(virsh, place, current, input, work)
      await define(virsh, { path: file.domain.path, xml: file.xml }, uuid, work)
      const published = await switchOn(virsh, uuid, input, overlays, work)
      for (const disk of input.disks) if (disk.place.kind === 'pool') pools.forget(virsh, disk.place.pool)
      return { ...written, libvirt: published }
    },
    async volume(input, disk, work) {
      if (input.kind !== 'libvirt') throw new Error('only a libvirt has pools')
      const virsh = connect(input.libvirt.uri)
      pools.forget(virsh, disk.place.pool)
      return await volumeFor(virsh, input, disk, { files, rbd }, work)
    },
    refuseRunning: (artifacts, signal) => refuseRunning(artifacts, connect, signal),
    sight(going = []) {
      const sight = createSight()
      return {
        remains: (artifact, signal) => libvirtRemains(artifact, going, sight, connect, signal),
        destroy: (artifact, signal) => destroyInLibvirt(artifact, sight, connect, signal),
      }
    },
    gone: (artifacts, signal) => goneVolumes(artifacts, pools, connect, signal),
    async drift({ domain: file, uuid, libvirt, placed }, signal) {
      const used = libvirt?.disks.map(({ source }) => source) ?? []
      const places = placed.flatMap(({ file: { path, bytes } }) => [
        { path, bytes },
        ...overlayVolumes(path, used).map((overlay) => ({ path: overlay })),
      ])
      const volumes = await volumeDrift(places, pools, connect, signal)
      const found = [driftOfFile(file), ...volumes.map(({ path: _path, ...finding }) => finding)]
      if (!libvirt) return found
      return [...found, ...driftOfDomain(libvirt, (await observe(connect(libvirt.uri), signal)).get(uuid))]
    },
  }
}

// Of one that is under way nobody knows how far it came: it is left as it is.
const atCutover = { before: false, after: true, 'under way': undefined } as const

/** What comes after the definition: snapshot, autostart, start. Settles with the domain as it is in the end. */
async function switchOn(
  virsh: Virsh,
  uuid: string,
  { libvirt, disks }: PublishDomain,
  overlays: Overlays,
  work: Work,
): Promise<PublishedDomain> {
  const { snapshot, running, autostartAtCutover } = libvirt
  if (snapshot !== undefined) {
    const { disks: defined } = await describeDomain(virsh, uuid, work.signal)
    const targets = disks.map((disk, index) => {
      const { target = '', source = { kind: 'none' } as const } = defined[index] ?? {}
      return { ...disk, target, plain: sourceText(source) === fileOf(disk) }
    })
    await takeSnapshot(virsh, uuid, snapshot, targets, overlays, work)
  }
  const autostart = autostartAtCutover ? atCutover[work.cutover()] : libvirt.autostart
  if (autostart !== undefined) await setAutostart(virsh, uuid, autostart, work.signal)
  const listed = (await listDomains(virsh, work.signal)).get(uuid)
  if (running && !listed?.running) await virsh.run(['start', `--domain=${uuid}`], work.signal)
  const domain = keptDomain(await describeDomain(virsh, uuid, work.signal))
  await work.made(domainId(virsh.uri, uuid), domainEvidence(domain))
  return {
    uri: virsh.uri,
    domain,
    ...(autostart === undefined ? {} : { autostart }),
    ...(autostartAtCutover ? { autostartAtCutover } : {}),
    ...(running ? { running } : {}),
    disks: domain.disks.map(({ id, source }) => ({ id, source })),
  }
}
