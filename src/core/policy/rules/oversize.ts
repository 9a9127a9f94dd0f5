import { formatBytes } from '../../units.ts'
import type { Breach, JudgedMachine, PolicyRule } from '../policy.ts'

const gib = 2 ** 30

export const oversize: PolicyRule<'oversize'> = {
  name: 'oversize',
  hint: 'make the machine smaller, or raise the limit',
  look: ({ machines }, limits) => machines.flatMap((judged) => sizesOf(judged, limits)),
}

type Limits = Parameters<typeof oversize.look>[1]

function sizesOf({ planned: { name }, machine }: JudgedMachine, limits: Limits): readonly Breach[] {
  if (!machine) return []
  const { disks, hardware } = machine
  const over = (
    field: string,
    what: string,
    value: number,
    max: number | undefined,
    key: readonly (string | number)[],
    unit = ' GiB',
  ) => {
    if (max === undefined || value <= max) return []
    return [
      { machine: name, field, keys: [key, ['source', 'path']], evidence: `${what}, at most ${max}${unit} allowed` },
    ]
  }
  const inGib = (bytes: number) => bytes / gib
  const total = disks.reduce((sum, { virtualBytes }) => sum + virtualBytes, 0)
  return [
    ...disks.flatMap(({ id, virtualBytes: bytes }, index) => {
      const limit = limits.max_disk_gib
      return over(`disks.${id}`, `disk ${id} has ${formatBytes(bytes)}`, inGib(bytes), limit, ['disks', index, 'bytes'])
    }),
    ...over('disks', `its disks have ${formatBytes(total)}`, inGib(total), limits.max_machine_gib, ['disks']),
    ...over('vm.cpu', `it has ${hardware.cpus} CPUs`, hardware.cpus, limits.max_cpus, ['vm', 'cpu'], ''),
    ...over(
      'vm.mem_gb',
      `it has ${formatBytes(hardware.memoryMib * 2 ** 20)} of memory`,
      hardware.memoryMib / 1024,
      limits.max_memory_gib,
      ['vm', 'mem_gb'],
    ),
  ]
}
