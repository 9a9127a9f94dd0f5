import { isRemote, needsWhole } from '../../core/arrival.ts'
import { sameFile } from '../../core/image.ts'
import type { Disk, Machine } from '../../core/machine.ts'
import { printable } from '../../core/printable.ts'
import { isAddress } from '../../core/source-address.ts'
import { formatBytes, formatCount } from '../../core/units.ts'
import type { DiskUsage } from '../../ports/source.ts'
import { checkClaims } from '../check-claims.ts'
import { scratchFolder } from '../guest-disks.ts'
import { goesOnWriting } from '../source-sight.ts'
import { stage } from '../stage.ts'
import { hooksAround, hooksAt } from '../stage-hooks.ts'
import { knownDisk } from '../whereabouts.ts'

/** Makes the source's disks readable for the copy, and checks the digests that came with them, or leaves that to the copy. */
export const exportStage = stage({
  name: 'export',
  version: 1,
  after: ['preflight'],
  claims: () => ({ disk_io: 1 }),
  describe(machine, usage) {
    const disks = machine.disks.map(({ id, virtualBytes }) => {
      const used = usage.find((disk) => disk.id === id)?.usedBytes
      return `${id} ${formatBytes(virtualBytes)}${used === undefined ? '' : ` (${formatBytes(used)} used)`}`
    })
    const arrivals = isRemote(machine) ? machine.disks.flatMap((disk) => arrivalOf(machine, disk, usage)) : []
    return [`${sourceName(machine)}: ${disks.join(', ')}`, ...arrivals].join('\n')
  },
  input: ({ machine, sourceFiles }, _upstream, context) => ({
    source: machine.source,
    disks: machine.disks.map(({ id, from, virtualBytes, checksum }) => ({
      id,
      from,
      virtualBytes,
      ...(checksum === undefined ? {} : { checksum }),
    })),
    files: sourceFiles,
    ...(isRemote(machine) ? { remote: { whole: wholeDisks(machine), folder: scratchFolder(machine, context) } } : {}),
    ...(checkedByCopy(machine) ? { checkedByCopy: true as const } : {}),
    ...(goesOnWriting(machine) ? { live: true as const } : {}),
  }),
  // Where the work folder is changes nothing, nor that the source may be written to, nor who checks a digest.
  kept: ({ remote, live: _, checkedByCopy: _by, ...rest }) => (remote ? { ...rest, whole: remote.whole } : rest),
  bytes({ source, disks, files, remote, checkedByCopy }) {
    const onlyLooks = remote
      ? disks.every(({ id, from }) => from.format === 'vmdk' && remote.whole[id] === undefined)
      : checkedByCopy || (source.provider === 'local' && disks.every((disk) => disk.checksum === undefined))
    return onlyLooks ? 0 : files.reduce((sum, file) => sum + file.bytes, 0)
  },
  broken({ files: recorded }, { files }) {
    // What a server has now was asked before: it is part of the input.
    const here = recorded.filter(({ path }) => !isAddress(path))
    const now = files.identities(here.map((file) => file.path))
    const changed = here.find((file, index) => !sameFile(file, now[index]))
    return changed && `source file ${changed.path} changed`
  },
  gone({ fetched = [] }, { files }) {
    const now = files.identities(fetched.map(({ path }) => path))
    return fetched.some((file, index) => !sameFile(file, now[index]))
  },
  async run(input, { source, files }, work) {
    const exported = await source.export(input, work)
    const claims = exported.disks.filter(({ claimed }) => claimed !== undefined)
    // Of what is copied already there may be no other copy that compares.
    const copied = new Set(claims.length > 0 ? work.artifacts().map((artifact) => knownDisk(artifact)?.id) : [])
    const again = claims.filter(({ id }) => copied.has(id))
    await checkClaims(again, files, work.signal)
    return exported
  },
})

/** Whether nothing looks into the disks before they are copied: their digests are then checked in the same reading. */
function checkedByCopy(machine: Machine): boolean {
  if (isRemote(machine) || machine.repair || machine.inspection) return false
  return hooksAround('convert', machine)
    .before.concat('post_extraction')
    .every((point) => hooksAt(point, machine.hooks).length === 0)
}

/** By the ids of disks of a web server that have to be here before they are copied, why. */
function wholeDisks(machine: Machine): Readonly<Record<string, string>> {
  return Object.fromEntries(
    machine.disks.flatMap((disk) => {
      const why = needsWhole(machine, disk)
      return why === undefined ? [] : [[disk.id, why]]
    }),
  )
}

/** How a disk of a web server gets here, once that is known. */
function arrivalOf(machine: Machine, disk: Disk, usage: readonly DiskUsage[]): string | [] {
  const found = usage.find(({ id }) => id === disk.id)
  if (!found) return []
  const why = needsWhole(machine, disk) ?? (found.arrives !== true ? found.arrives?.not : undefined)
  return why === undefined
    ? `${disk.id} is copied while it arrives: a copy that is stopped begins anew`
    : `${disk.id} is fetched first, ${formatBytes(found.fileBytes)} of work space: ${why}`
}

function sourceName({ source, disks }: Machine): string {
  if (source.provider !== 'local') return printable(source.path.split('/').at(-1) ?? source.path)
  const [first] = disks
  if (disks.length === 1 && first) return printable(first.from.path.split('/').at(-1) ?? first.from.path)
  return formatCount(disks.length, 'image')
}
