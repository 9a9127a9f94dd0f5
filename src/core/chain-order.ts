import { addressOf } from './address.ts'
import type { Held } from './held.ts'

/** Something that begins only when others have ended well. */
export interface Ordered {
  readonly name: string
  /** Names that have to end well before; those that are not among the ordered count as having done so. */
  readonly after?: readonly string[]
  /** The lowest goes first, and only one of them at a time; 0 without it. */
  readonly wave?: number
}

/**
 * Asked when everything of a wave has ended, or with no `ended` before the first: why the next one does not begin. Also told
 * of the end of the last one, with no `next`.
 */
export type MayBegin = (
  next: number | undefined,
  ended?: { readonly wave: number; readonly failed: number },
) => Held | undefined

/** Which of many may begin, as others end. */
export interface ChainOrder {
  /** Takes those that may begin since it was asked last. */
  free(): readonly string[]
  ended(name: string, outcome: 'done' | 'failed'): void
  /** Lets nothing of the wave begin that is not free yet. */
  dropWave(wave: number, why: Held): void
  /** Lets one that was free and has not begun be as if it had been dropped. */
  drop(name: string, why: Held): void
  /** Those that will never begin, and why. */
  readonly dropped: ReadonlyMap<string, Held>
  /** Why one does not begin yet. */
  why(name: string): string | undefined
}

interface Waiting {
  readonly wave: number
  readonly left: Set<string>
}

/** Orders by dependencies and waves. Neither may go in circles, nor from a wave into a later one. */
export function createChainOrder(chains: readonly Ordered[], mayBegin: MayBegin): ChainOrder {
  const names = new Set(chains.map(({ name }) => name))
  const waiting = new Map<string, Waiting>()
  const dependents = new Map<string, string[]>()
  const live = new Map<number, number>()
  const failed = new Map<number, number>()
  const waveOf = new Map<string, number>()
  const dropped = new Map<string, Held>()
  let free: string[] = []

  for (const { name, after = [], wave = 0 } of chains) {
    const left = new Set(after.filter((other) => names.has(other)))
    for (const other of left) dependents.set(other, [...(dependents.get(other) ?? []), name])
    waiting.set(name, { wave, left })
    waveOf.set(name, wave)
    live.set(wave, (live.get(wave) ?? 0) + 1)
  }
  const order = [...live.keys()].toSorted((a, b) => a - b)
  let current = 0

  const release = (name: string) => {
    waiting.delete(name)
    free.push(name)
  }
  const releaseWave = (wave: number) => {
    for (const [name, { wave: its, left }] of waiting) if (its === wave && left.size === 0) release(name)
  }
  /** Without recursion: ten thousand may wait one for the other. */
  const settle = (name: string, outcome: 'done' | 'failed') => {
    const ends: { readonly name: string; readonly outcome: 'done' | 'failed' }[] = [{ name, outcome }]
    for (let end = ends.pop(); end; end = ends.pop()) {
      const wave = waveOf.get(end.name) ?? 0
      live.set(wave, (live.get(wave) ?? 0) - 1)
      if (end.outcome === 'failed') failed.set(wave, (failed.get(wave) ?? 0) + 1)
      for (const dependent of dependents.get(end.name) ?? []) {
        const waits = waiting.get(dependent)
        if (!waits) continue
        if (end.outcome === 'done') {
          waits.left.delete(end.name)
          if (waits.left.size === 0 && waits.wave === order[current]) release(dependent)
          continue
        }
        waiting.delete(dependent)
        dropped.set(dependent, { by: 'dependency', why: `waits for ${addressOf(end.name)}, which was not done` })
        ends.push({ name: dependent, outcome: 'failed' })
      }
    }
  }
  const begin = (ended?: number) => {
    const next = order[current]
    const before = ended === undefined ? undefined : { wave: ended, failed: failed.get(ended) ?? 0 }
    const why = mayBegin(next, before)
    if (next === undefined) return
    if (why === undefined) return releaseWave(next)
    for (const [name] of waiting) dropped.set(name, why)
    waiting.clear()
    current = order.length
  }
  // A wave may have lost all of its own to dependencies before it even begins.
  const advance = () => {
    for (let wave = order[current]; wave !== undefined && (live.get(wave) ?? 0) === 0; wave = order[current]) {
      current++
      begin(wave)
    }
  }
  begin()

  return {
    dropped,
    free() {
      const now = free
      free = []
      return now
    },
    ended(name, outcome) {
      settle(name, outcome)
      advance()
    },
    drop(name, why) {
      dropped.set(name, why)
      settle(name, 'failed')
      advance()
    },
    dropWave(wave, why) {
      const own = [...waiting].filter(([, waits]) => waits.wave === wave).map(([name]) => name)
      for (const name of own) {
        if (!waiting.delete(name)) continue
        dropped.set(name, why)
        settle(name, 'failed')
      }
      advance()
    },
    why(name) {
      const gone = dropped.get(name)
      if (gone) return gone.why
      const waits = waiting.get(name)
      if (!waits) return undefined
      const [first] = waits.left
      return first === undefined ? 'its wave has not begun' : `waits for ${addressOf(first)}`
    },
  }
}
