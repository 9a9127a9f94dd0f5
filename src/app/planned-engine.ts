import { needsWhole } from '../core/arrival.ts'
import { type CopyEngine, copyEngine } from '../core/copy-engine.ts'
import { kindOf } from '../core/image.ts'
import type { Machine } from '../core/machine.ts'
import { printable } from '../core/printable.ts'
import type { DiskUsage } from '../ports/source.ts'

/** Whether a disk of a web server will be copied while it arrives. */
export function isCopiedArriving(machine: Machine, { id, arrives }: Pick<DiskUsage, 'id' | 'arrives'>): boolean {
  const disk = machine.disks.find((one) => one.id === id)
  return disk !== undefined && arrives === true && needsWhole(machine, disk) === undefined
}

/** Who will copy a disk; undefined where only the whole image tells, which is not here yet. */
export function plannedEngine(machine: Machine, found: DiskUsage): CopyEngine | undefined {
  const disk = machine.disks.find(({ id }) => id === found.id)
  if (!disk) return undefined
  const seen = typeof found.arrives !== 'object'
  const facts = {
    ...(seen ? kindOf(found) : {}),
    from: disk.from.format,
    to: disk.to.format,
    dataBytes: seen ? found.usedBytes : Number.POSITIVE_INFINITY,
    repaired: machine.repair !== undefined,
    arrives: isCopiedArriving(machine, found),
  }
  const engine = copyEngine(facts, machine.conversion)
  return seen || engine.by === 'qemu-img' ? engine : undefined
}

/** Who will copy a machine's disks, for a plan: what holds for some of them names them. */
export function engineWords(machine: Machine, usage: readonly DiskUsage[]): readonly string[] {
  const engines = usage.flatMap((disk) => {
    const engine = plannedEngine(machine, disk)
    return engine ? [{ id: disk.id, engine }] : []
  })
  const parallel = engines.some(({ engine }) => engine.by === 'h2k' && !engine.small)
  const disksOf = new Map<string, string[]>()
  for (const { id, engine } of engines) {
    const words = qemuWords(engine)
    if (words !== undefined) disksOf.set(words, [...(disksOf.get(words) ?? []), id])
  }
  const byQemu = [...disksOf].map(([words, ids]) =>
    ids.length === machine.disks.length ? words : `${ids.map(printable).join(' and ')} ${words}`,
  )
  return [...(parallel ? ['on several threads'] : []), ...byQemu]
}

function qemuWords(engine: CopyEngine): string | undefined {
  if (engine.by === 'qemu-img') return `by qemu-img: ${engine.because}`
  return engine.rawFirst === undefined ? undefined : `made raw by qemu-img first: ${engine.rawFirst}`
}
