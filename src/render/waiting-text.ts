import type { Held } from '../core/held.ts'
import { type Plan, waits } from '../core/plan.ts'
import { printable } from '../core/printable.ts'
import { formatCount } from '../core/units.ts'

/** What waits after an apply, for what, and how it goes on: two lines for each reason. */
export function waitingText(plan: Plan, heldSince: ReadonlyMap<string, Held>): readonly string[] {
  const reasons = new Map<string, { readonly held: Held; readonly wave: string | undefined; count: number }>()
  for (const machine of plan.machines) {
    const held = heldSince.get(machine.name) ?? (waits(machine) ? machine.held : undefined)
    if (!held) continue
    const reason = reasons.get(held.why) ?? { held, wave: machine.wave, count: 0 }
    reason.count++
    reasons.set(held.why, reason)
  }
  return [...reasons.values()].flatMap(({ held, wave, count }) => {
    const hint = wayOn(held, wave)
    return [`${formatCount(count, 'machine')} waiting: ${held.why}.`, ...(hint === undefined ? [] : [`  -> ${hint}`])]
  })
}

function wayOn({ by }: Held, wave = ''): string | undefined {
  const name = printable(wave)
  const quoted = /^[\w.-]+$/.test(name) ? name : `"${name}"`
  switch (by) {
    case 'pause':
      return `look at its machines; then go on with wave ${name}: h2k apply`
    case 'wave':
      return `mend that and run h2k apply, or go on without it: h2k apply --wave ${quoted}`
    case 'window':
      return 'once it is open: h2k apply'
    case 'dependency':
    case 'suspended':
    case 'dry_run':
      return undefined
  }
}
