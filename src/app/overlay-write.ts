import type { Inspection } from '../core/inspection.ts'
import type { Machine } from '../core/machine.ts'
import { osFamily } from '../core/os-family.ts'
import type { Context } from './context.ts'
import { scratchFolder } from './guest-disks.ts'
import type { PlannedWrite } from './planned-writes.ts'

const mib = 1024 * 1024
// virt-v2v asks for as much before it begins.
const byVirtV2v = 1024 * mib
const unknownGuest = 256 * mib
const besideImages = 64 * mib

/** What a repair writes into a machine's overlays, at most: images of the initramfs, the old ones kept, and small files. */
export function overlayWrite(
  { hardware, repair, ...machine }: Pick<Machine, 'name' | 'madeAs' | 'hardware' | 'repair'>,
  inspection: Inspection | undefined,
  context: Pick<Context, 'workDirectory'>,
): PlannedWrite | undefined {
  if (!repair) return undefined
  const family = inspection?.family ?? osFamily(hardware.os)
  const bytes = repair.fixer || family === 'windows' ? byVirtV2v : builtInBytes(inspection)
  return { path: `${scratchFolder(machine, context)}/overlay`, bytes, meanwhile: 'worked' }
}

function builtInBytes(inspection: Inspection | undefined): number {
  const { kernels = [], initramfsGrowth = 1 } = inspection?.linux ?? {}
  const images = kernels.flatMap(({ initramfs }) => initramfs?.bytes ?? [])
  if (images.length === 0) return unknownGuest
  return Math.ceil(besideImages + images.reduce((sum, bytes) => sum + bytes * (initramfsGrowth + 1), 0))
}
