import type { Machine } from '../core/machine.ts'
import { formatBytes } from '../core/units.ts'
import type { DiskUsage } from '../ports/source.ts'
import type { Context } from './context.ts'
import { isCopiedArriving, plannedEngine } from './planned-engine.ts'

/** What there is to copy of a machine's disks when their swap stays behind, where git wants that. */
export async function withoutSwap(
  machine: Machine,
  usage: readonly DiskUsage[],
  { disks }: Pick<Context, 'disks'>,
  signal: AbortSignal,
): Promise<readonly DiskUsage[]> {
  if (!machine.conversion.skip) return usage
  return await Promise.all(
    usage.map(async (disk) => {
      const engine = plannedEngine(machine, disk)
      if (!disk.image || engine?.by !== 'h2k' || engine.rawFirst !== undefined) return disk
      const skippedBytes = await disks.swap(disk.image, signal)
      if (skippedBytes === undefined) return disk
      return { ...disk, usedBytes: Math.max(0, disk.usedBytes - skippedBytes), skippedBytes }
    }),
  )
}

/** What of each disk stays behind, for a plan: a line each, where git wants that any does. */
export function skippedLines(machine: Machine, usage: readonly DiskUsage[]): readonly string[] {
  if (!machine.conversion.skip) return []
  return usage.map((disk) => {
    const { id, skippedBytes, arrives } = disk
    const engine = plannedEngine(machine, disk)
    if (engine?.by === 'qemu-img') return `${id}: swap is copied too, since qemu-img copies it`
    if (skippedBytes !== undefined && skippedBytes > 0) return `${id}: ${formatBytes(skippedBytes)} of swap stay behind`
    if (skippedBytes !== undefined) return `${id}: no swap with data is found`
    if (isCopiedArriving(machine, disk)) return `${id}: swap is copied too, since its server takes no Range`
    const sure = engine !== undefined || machine.conversion.compressionLevel !== undefined
    const unless = sure ? '' : ', and stays behind unless only qemu-img reads the image'
    if (arrives) return `${id}: its swap is looked for when it is here${unless}`
    return `${id}: its swap is looked for when it is raw`
  })
}
