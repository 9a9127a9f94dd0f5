import type { MayBegin } from '../core/chain-order.ts'
import type { Emit } from '../core/events.ts'
import { closedWindow, type Held, pauseAt } from '../core/held.ts'
import type { WaveRule } from '../core/waves.ts'
import type { Clock } from '../ports/clock.ts'

/** Decides, as a run goes on, whether a wave may begin, and tells how they go. */
export interface WaveGate {
  readonly rules: readonly WaveRule[]
  readonly mayBegin: MayBegin
  /** The wave that goes, once its window has closed. */
  windowOver(): { readonly wave: number; readonly why: Held } | undefined
}

/** `machines` is how many of each wave are worked on. Windows are looked at again here: a wave may take hours. */
export function waveGate(
  rules: readonly WaveRule[],
  machines: ReadonlyMap<number, number>,
  clock: Pick<Clock, 'now'>,
  emit: Emit,
): WaveGate {
  let current: number | undefined
  let over: { readonly wave: number; readonly why: Held } | undefined
  const closed = (wave: number): Held | undefined => {
    const rule = rules[wave]
    return rule && closedWindow(rule, clock.now())
  }
  const tell = (wave: number, status: 'begun' | 'done' | 'failed' | 'waits', held?: Held) => {
    const rule = rules[wave]
    if (!rule) return
    const count = machines.get(wave) ?? 0
    emit({ type: 'wave', wave: rule.name, status, machines: count, ...(held ? { why: held.why } : {}) })
  }
  return {
    rules,
    mayBegin(next, ended) {
      const before = ended && rules[ended.wave]
      if (ended && over?.wave === ended.wave) tell(ended.wave, 'waits', over.why)
      else if (ended) tell(ended.wave, ended.failed > 0 ? 'failed' : 'done')
      if (next === undefined) return undefined
      const why = (ended && before && pauseAt(before, ended.failed)) ?? closed(next)
      tell(next, why === undefined ? 'begun' : 'waits', why)
      current = why === undefined ? next : undefined
      return why
    },
    windowOver() {
      const why = current === undefined ? undefined : closed(current)
      if (current === undefined || why === undefined) return undefined
      over = { wave: current, why }
      current = undefined
      return over
    },
  }
}
