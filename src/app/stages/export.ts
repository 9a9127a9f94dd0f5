import { sameFile } from '../../core/image.ts'
import type { Machine } from '../../core/machine.ts'
import { printable } from '../../core/printable.ts'
import { formatBytes, formatCount } from '../../core/units.ts'
import { stage } from '../stage.ts'

/** Makes the source's disks readable for the copy, and checks the digests that came with them. */
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
    return `${sourceName(machine)}: ${disks.join(', ')}`
  },
  input: ({ machine, sourceFiles }) => ({
    source: machine.source,
    disks: machine.disks.map(({ id, from, virtualBytes, checksum }) => ({
      id,
      from,
      virtualBytes,
      ...(checksum === undefined ? {} : { checksum }),
    })),
    files: sourceFiles,
  }),
  bytes: ({ source, disks, files }) =>
    source.provider === 'local' && disks.every((disk) => disk.checksum === undefined)
      ? 0
      : files.reduce((sum, file) => sum + file.bytes, 0),
  broken({ files: recorded }, { files }) {
    const now = files.identities(recorded.map((file) => file.path))
    const changed = recorded.find((file, index) => !sameFile(file, now[index]))
    return changed && `source file ${changed.path} changed`
  },
  run: (input, { source }, work) => source.export(input, work),
})

function sourceName({ source, disks }: Machine): string {
  if (source.provider !== 'local') return printable(source.path.split('/').at(-1) ?? source.path)
  const [first] = disks
  if (disks.length === 1 && first) return printable(first.from.path.split('/').at(-1) ?? first.from.path)
  return formatCount(disks.length, 'image')
}
