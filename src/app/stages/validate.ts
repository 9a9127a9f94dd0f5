import { refuseWrong } from '../../core/finding.ts'
import type { Finding } from '../../core/outputs.ts'
import { stage } from '../stage.ts'
import { diskValidators, validateDisk } from '../validators/table.ts'
import { soundCopies } from '../whereabouts.ts'

/** Reads the result back: is each image sound, as large as the source, and, when asked, the same to the last byte? */
export const validate = stage({
  name: 'validate',
  version: 2,
  after: ['convert'],
  reads: (machine) => (machine.validation?.compareSource ? ['export', 'fix'] : []),
  tools: ['qemu-img'],
  gate: true,
  included: (machine) => machine.validation !== undefined,
  describe: ({ validation }) =>
    validation
      ? diskValidators(validation)
          .map(({ looksAt }) => looksAt)
          .join(', ')
      : '',
  claims: (machine) => (machine.validation?.compareSource ? { disk_io: 1 } : {}),
  input: ({ machine }, upstream) => ({
    validation: machine.validation ?? { checkImage: false, compareSource: false },
    disks: upstream.convert.disks.map((disk) => ({
      id: disk.id,
      virtualBytes: upstream.export.disks.find((exported) => exported.id === disk.id)?.virtualBytes ?? 0,
      image: { path: disk.file.path, format: disk.format },
      sha256: disk.sha256,
      ...(machine.validation?.compareSource
        ? { source: (upstream.fix ?? upstream.export).disks.find(({ id }) => id === disk.id)?.image }
        : {}),
    })),
  }),
  bytes: ({ validation, disks }) =>
    validation.compareSource ? disks.reduce((sum, disk) => sum + disk.virtualBytes, 0) : 0,
  async run({ validation, disks: wanted }, context, work) {
    work.progress(0)
    // An earlier run may have moved them already; what it put on another host nobody reads here.
    const disks = wanted.map((disk) => {
      const copies = soundCopies({ id: disk.id, path: disk.image.path }, context.files, work)
      const same = copies.filter((copy) => copy.disk.sha256 === disk.sha256)
      const path = (same.find((copy) => copy.path.startsWith('/')) ?? same[0])?.path ?? disk.image.path
      return { ...disk, image: { ...disk.image, path } }
    })
    const findings: Finding[] = []
    let bytes = 0
    for (const disk of disks) {
      findings.push(...(await validateDisk(disk, validation, context, work.signal)))
      bytes += disk.virtualBytes
      work.progress(bytes)
    }
    refuseWrong(findings, 'disk')
    return { findings }
  },
})
