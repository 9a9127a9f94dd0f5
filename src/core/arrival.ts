import { targetOfQemu } from './copy-engine.ts'
import type { Disk, Machine } from './machine.ts'
import { isAddress } from './source-address.ts'

/** Whether the disks of a machine are on a web server. */
export function isRemote({ source, disks }: Pick<Machine, 'source' | 'disks'>): boolean {
  return source.provider === 'local' ? disks.some(({ from }) => isAddress(from.path)) : isAddress(source.path)
}

type Uses = Pick<Machine, 'inspection' | 'repair' | 'validation' | 'conversion'>

/** What a machine does with a disk that is far away that needs all of it here, in words; undefined where nothing does. */
export function needsWhole(
  { inspection, repair, validation, conversion }: Uses,
  { to }: Pick<Disk, 'to'>,
): string | undefined {
  if (repair) return 'the guest is repaired'
  if (inspection) return 'the guest is looked into'
  if (validation?.compareSource) return 'validate compares with it'
  const only = targetOfQemu(to.format, conversion)
  return only && `qemu-img copies it: ${only}`
}
