import { needsWhole } from '../core/arrival.ts'
import { copyEngine } from '../core/copy-engine.ts'
import type { Machine } from '../core/machine.ts'
import { formatBytes } from '../core/units.ts'
import type { DiskUsage } from '../ports/source.ts'
import type { Context } from './context.ts'

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
      if (!disk.image || engineOf(machine, disk)?.by !== 'h2k') return disk
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
    const engine = engineOf(machine, disk)
    if (skippedBytes !== undefined && skippedBytes > 0) return `${id}: ${formatBytes(skippedBytes)} of swap stay behind`
    if (skippedBytes !== undefined) return `${id}: no swap with data is found`
    if (arrives === true) return `${id}: swap is copied too, since its server takes no Range`
    if (arrives) return `${id}: its swap is looked for when it is here`
    return `${id}: swap is copied too, since qemu-img copies it${engine?.by === 'qemu-img' ? `: it ${engine.because}` : ''}`
  })
}

function engineOf(machine: Machine, { id, variant, usedBytes: dataBytes, arrives }: DiskUsage) {
  const disk = machine.disks.find((one) => one.id === id)
  if (!disk) return undefined
  const facts = {
    from: disk.from.format,
    variant,
    to: disk.to.format,
    dataBytes,
    arrives: arrives === true && needsWhole(machine, disk) === undefined,
  }
  return copyEngine(facts, machine.conversion)
}
