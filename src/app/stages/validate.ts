import type { Finding } from '../../core/outputs.ts'
import { ProblemError } from '../../core/problem.ts'
import { stage } from '../stage.ts'
import { soundCopies } from '../whereabouts.ts'

/** Reads the result back: is each image sound, as large as the source, and, when asked, the same to the last byte? */
export const validate = stage({
  name: 'validate',
  version: 1,
  after: ['convert'],
  reads: (machine) => (machine.validation?.compareSource ? ['fix'] : []),
  tools: ['qemu-img'],
  gate: true,
  included: (machine) => machine.validation !== undefined,
  describe: ({ validation }) =>
    [
      'sizes',
      ...(validation?.checkImage ? ['image integrity'] : []),
      ...(validation?.compareSource ? ['every byte against the source'] : []),
    ].join(', '),
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
    // An earlier run may have moved them already.
    const disks = wanted.map((disk) => {
      const copies = soundCopies({ id: disk.id, path: disk.image.path }, context.files, work)
      const path = copies.find((copy) => copy.disk.sha256 === disk.sha256)?.path ?? disk.image.path
      return { ...disk, image: { ...disk.image, path } }
    })
    const findings: Finding[] = []
    let bytes = 0
    for (const { id, virtualBytes, image, source } of disks) {
      const header = await context.disks.header(image, work.signal)
      const equal = header.virtualBytes === virtualBytes
      findings.push({
        rule: 'disk_size',
        severity: equal ? 'info' : 'error',
        subject: id,
        evidence: `${header.virtualBytes} bytes${equal ? ' as at the source' : `, at the source ${virtualBytes}`}`,
      })
      if (validation.checkImage) findings.push({ ...(await context.disks.check(image, work.signal)), subject: id })
      if (source) findings.push({ ...(await context.disks.compare(source, image, work.signal)), subject: id })
      bytes += virtualBytes
      work.progress(bytes)
    }
    const wrong = findings.filter(({ severity }) => severity === 'error' || severity === 'critical')
    if (wrong.length > 0) throw new ProblemError(wrong.map(asProblem))
    return { findings }
  },
})

function asProblem({ rule, subject, evidence }: Finding) {
  return {
    severity: 'error' as const,
    code: 'RESULT_WRONG' as const,
    summary: `disk ${subject}: ${rule}: ${evidence}`,
    hint: 'apply again with --redo convert for this machine',
  }
}
