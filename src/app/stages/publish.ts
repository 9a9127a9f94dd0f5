import { addressOf } from '../../core/address.ts'
import type { FileIdentity } from '../../core/image.ts'
import type { DiskPlace, Machine, MachineTarget } from '../../core/machine.ts'
import { printable } from '../../core/printable.ts'
import { shownPath } from '../../core/relocate.ts'
import type { Files } from '../../ports/files.ts'
import type { PooledDisk } from '../../ports/target.ts'
import type { Work } from '../../ports/work.ts'
import { placeDisks } from '../place-disks.ts'
import { publishInput } from '../publish-input.ts'
import { publishedAsOf } from '../published-domain.ts'
import { stage } from '../stage.ts'

/** Makes the machine usable on its target. */
export const publish = stage({
  name: 'publish',
  version: 3,
  after: ['convert', 'validate'],
  claims: ({ disks }) => (disks.some(({ place }) => place.kind !== 'output') ? { disk_io: 1 } : {}),
  describe({ target, disks, nics, bootPhase, madeAs }, _usage, root) {
    const places = disks.flatMap(({ id, place }) => {
      const where = placeText(place, root)
      return where === undefined ? [] : [`${id} -> ${where}`]
    })
    const networks = nics.map(({ sourceNetwork, attach, mac, vlan }) => {
      const from = sourceNetwork === undefined ? '' : `"${printable(sourceNetwork)}" -> `
      return `${from}${attach.kind} ${printable(attach.name)}${vlan === undefined ? '' : `, vlan ${vlan}`} (${mac})`
    })
    return [...targetLines(target, root), ...nameLines(madeAs), ...phaseLines(bootPhase), ...places, ...networks].join(
      '\n',
    )
  },
  // The XML names the disks by absolute paths: elsewhere it is another one.
  input: ({ machine }, { convert }, { workspace, root }) => ({
    ...publishInput(machine, workspace, convert.disks),
    root,
  }),
  async broken(output, { files, target }, { cutover }, signal) {
    // Whether a disk is still what it was is for the conversion to tell.
    const gone = output.placed.find(({ file }) => isGone(file, files))
    if (gone) return `${gone.file.path} is missing`
    const anew = output.placed.find(({ from, file, kept }) => !kept && from !== file.path && files.exists(from))
    if (anew) return `${anew.from} is not in its place`
    const other = (await target.drift(publishedAsOf(output, cutover()), signal)).find(
      ({ status, live }) => status !== 'Synced' && !live,
    )
    const noun = other && { domain: 'the domain ', disk: 'the volume ', file: '', source: '' }[other.kind]
    return other && `${noun}${other.subject} ${other.detail}`
  },
  async run(input, context, work) {
    const { files, target } = context
    const volume = (disk: PooledDisk, at: Work) => target.volume(input, disk, at)
    const { disks, placed } = await placeDisks(input.disks, { files, target: { ...target, volume } }, work)
    return { ...(await context.target.publish({ ...input, disks }, work)), placed }
  },
})

function nameLines(madeAs: string | undefined): readonly string[] {
  return madeAs === undefined ? [] : [`made as ${addressOf(madeAs)}, whose names it keeps`]
}

function phaseLines(phase: Machine['bootPhase']): readonly string[] {
  switch (phase) {
    case undefined:
      return []
    case 'sata':
      return [
        'boot phase 1 of 2: its disks are on SATA; next, once it has booted and is shut down again: boot_phase: virtio',
      ]
    case 'virtio':
      return ['boot phase 2 of 2: its disks are on their own buses']
  }
}

function isGone({ path }: FileIdentity, files: Files): boolean {
  return path.startsWith('/') && !files.exists(path)
}

function placeText(place: DiskPlace, root: string): string | undefined {
  switch (place.kind) {
    case 'output':
      return undefined
    case 'file':
      return printable(shownPath(place.path, root))
    case 'pool':
      return `pool ${printable(place.pool)}, ${printable(place.volume)}`
  }
}

function targetLines(target: MachineTarget, root: string): readonly string[] {
  const file = `${printable(shownPath(target.directory, root))}/domain.xml`
  if (target.kind === 'files') return [file]
  const { connection, uri, domain, define, snapshot, autostart, autostartAtCutover, running } = target
  const where = `libvirt ${printable(connection)} (${printable(uri)})`
  if (!define) return [file, `${where}: not defined`]
  const also = [
    ...(snapshot === undefined ? [] : [`snapshot ${printable(snapshot)}`]),
    ...(autostart ? ['starts with its host'] : []),
    ...(autostartAtCutover ? ['starts with its host from its cutover on'] : []),
    ...(running ? ['started'] : []),
  ]
  return [[`${where}: domain ${printable(domain)}`, ...also].join(', ')]
}
