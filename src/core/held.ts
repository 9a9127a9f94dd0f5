import { addressOf } from './address.ts'
import { printable } from './printable.ts'
import type { PauseAfter, WaveRule } from './waves.ts'
import { windowAt } from './window.ts'

/** Why nothing of a machine is done now although git wants it. */
export interface Held {
  readonly by: 'suspended' | 'dry_run' | 'dependency' | 'wave' | 'pause' | 'window'
  readonly why: string
}

/** A machine of a plan as far as its turn depends on it. */
export interface Candidate {
  readonly name: string
  /** Whether there is anything to do. */
  readonly works: boolean
  readonly blocked: boolean
  readonly dryRun: boolean
  readonly suspended?: Held
  /** Index among the waves. */
  readonly wave: number
  readonly dependsOn: readonly string[]
}

export interface Turn {
  readonly waves: readonly WaveRule[]
  /** ISO 8601. */
  readonly now: string
  /** Whether everything of a machine was done before, by the state. */
  wasDone(name: string): boolean
}

/**
 * Which machines of a plan have to wait, and for what: the plan says so before anything runs. Dependencies go in no circle,
 * nor into a later wave.
 */
export function heldBack(candidates: readonly Candidate[], turn: Turn): ReadonlyMap<string, Held> {
  const byName = new Map(candidates.map((candidate) => [candidate.name, candidate]))
  const held = new Map<string, Held>()
  const waves = [...new Set(candidates.map(({ wave }) => wave))].toSorted((a, b) => a - b)
  const inOrder = inOrderOfDependencies(candidates, byName)
  let before: Held | undefined
  for (const index of waves) {
    const own = inOrder.filter(({ wave }) => wave === index)
    const rule = turn.waves[index]
    const closed = before ?? (rule && closedWindow(rule, turn.now))
    for (const candidate of own) {
      const why =
        heldAlone(candidate) ?? (candidate.works ? (closed ?? waitsFor(candidate, byName, held, turn)) : undefined)
      if (why) held.set(candidate.name, why)
    }
    before ??= rule && whyNotOn(rule, own, held)
  }
  return held
}

function heldAlone({ suspended, works, dryRun }: Candidate): Held | undefined {
  if (suspended) return suspended
  return works && dryRun ? { by: 'dry_run', why: 'dry run: will not be applied' } : undefined
}

/** Whether a wave has to wait for its window. */
export function closedWindow(rule: WaveRule, now: string): Held | undefined {
  const state = rule.window && windowAt(rule.window, now)
  if (!state || state.open) return undefined
  return { by: 'window', why: `wave ${printable(rule.name)} waits for its window, which opens ${state.opens}` }
}

function waitsFor(
  { dependsOn }: Candidate,
  byName: ReadonlyMap<string, Candidate>,
  held: ReadonlyMap<string, Held>,
  { wasDone }: Turn,
): Held | undefined {
  for (const name of dependsOn) {
    const other = byName.get(name)
    if (other?.works && !other.blocked && !held.has(name)) continue
    if (other && !other.works && !other.blocked && !other.suspended) continue
    if ((!other || other.suspended) && wasDone(name)) continue
    return { by: 'dependency', why: `waits for ${addressOf(name)}, which ${standing(other, held.get(name))}` }
  }
  return undefined
}

function standing(other: Candidate | undefined, held: Held | undefined): string {
  if (!other) return 'is not done, and not among the machines chosen'
  if (other.blocked) return 'cannot be planned'
  switch (held?.by) {
    case 'suspended':
      return 'is suspended'
    case 'dry_run':
      return 'is a dry run'
    default:
      return 'waits itself'
  }
}

/** Why the waves after this one do not begin in this run, as far as it can be told before. */
function whyNotOn(rule: WaveRule, own: readonly Candidate[], held: ReadonlyMap<string, Held>): Held | undefined {
  const { pauseAfter } = rule
  const name = printable(rule.name)
  if (pauseAfter === 'continue') return undefined
  const waiting = own.find((candidate) => ['window', 'dependency'].includes(held.get(candidate.name)?.by ?? ''))
  if (waiting) return { by: 'wave', why: `wave ${name} goes first, and ${addressOf(waiting.name)} of it waits` }
  const blocked = own.find((candidate) => candidate.blocked)
  if (blocked)
    return { by: 'wave', why: `wave ${name} goes first, and ${addressOf(blocked.name)} of it cannot be planned` }
  const works = own.some((candidate) => candidate.works && !held.has(candidate.name))
  return works ? pauseAt(rule, 0) : undefined
}

/** What the end of a wave means for the next one: undefined to go on. */
export function pauseAt(rule: WaveRule, failed: number): Held | undefined {
  const pauses: Readonly<Record<PauseAfter, boolean>> = { continue: false, pause: true, pause_on_failure: failed > 0 }
  if (!pauses[rule.pauseAfter]) return undefined
  const name = printable(rule.name)
  if (failed > 0) return { by: 'wave', why: `wave ${name} goes first, and did not end well` }
  return { by: 'pause', why: `apply pauses after wave ${name}` }
}

/** Each after all that it depends on. Without recursion: ten thousand may stand in one row. */
function inOrderOfDependencies(
  candidates: readonly Candidate[],
  byName: ReadonlyMap<string, Candidate>,
): readonly Candidate[] {
  const done = new Set<string>()
  const begun = new Set<string>()
  const order: Candidate[] = []
  for (const start of candidates) {
    const way = [{ candidate: start, next: 0 }]
    for (let here = way.at(-1); here; here = way.at(-1)) {
      const { candidate } = here
      begun.add(candidate.name)
      const name = candidate.dependsOn[here.next++]
      const other = name === undefined ? undefined : byName.get(name)
      if (name === undefined || done.has(candidate.name)) {
        way.pop()
        if (!done.has(candidate.name)) order.push(candidate)
        done.add(candidate.name)
      } else if (other && !begun.has(name)) way.push({ candidate: other, next: 0 })
    }
  }
  return order
}
