import { addressOf } from './address.ts'
import { changeText } from './change-text.ts'
import { diffJson, type FieldChange } from './diff.ts'
import { asJson } from './json.ts'
import { acts, type Plan, type PlannedMachine } from './plan.ts'
import { printable } from './printable.ts'
import type { Place, Problem } from './problem.ts'

/** A machine for which a saved plan is no longer true. */
export interface StaleMachine {
  readonly name: string
  readonly summary: string
  /** What changed since, field by field, as far as the plan knows fields. */
  readonly changes: readonly FieldChange[]
}

/** Where git says a field of a machine now, such as `hardware.cpus`. */
export type FieldPlace = (machine: string, field: string) => Place | undefined

const shownChanges = 6
const nowhere: FieldPlace = () => undefined

/** For which machines a saved plan is no longer true, against the plan that would be made now. */
export function staleMachines(saved: Plan, now: Plan, placeOf: FieldPlace = nowhere): readonly StaleMachine[] {
  const current = new Map(now.machines.map((machine) => [machine.name, machine]))
  return saved.machines.flatMap((was) => {
    if (!acts(was)) return []
    const is = current.get(was.name)
    const summary = whyStale(was, is, saved, now)
    if (summary === undefined) return []
    return [{ name: was.name, summary, changes: is ? changesOf(was, is, placeOf) : [] }]
  })
}

/** What would be done now and was not going to be when the saved plan was made. */
export function unreviewedMachines(saved: Plan, now: Plan): readonly StaleMachine[] {
  const reviewed = new Map(saved.machines.map((machine) => [machine.name, machine]))
  return now.machines.flatMap((is) => {
    const was = reviewed.get(is.name)
    if (!acts(is) || (was && acts(was))) return []
    const before = !was ? 'it was not in the plan' : was.held ? `it waited: ${was.held.why}` : `it was "${was.action}"`
    return [{ name: is.name, summary: `it would now be "${is.action}", and was not reviewed: ${before}`, changes: [] }]
  })
}

export function staleProblems(stale: readonly StaleMachine[]): readonly Problem[] {
  const hint = 'plan again and have it reviewed'
  return stale.map(({ name, summary, changes }): Problem => {
    const shown = changes.slice(0, shownChanges).map(changeText)
    const rest = changes.length > shownChanges ? [`and ${changes.length - shownChanges} more`] : []
    const detail = shown.length > 0 ? { detail: [...shown, ...rest].join('; ') } : {}
    return { severity: 'error', code: 'PLAN_STALE', summary, ...detail, address: addressOf(name), hint }
  })
}

function changesOf(was: PlannedMachine, is: PlannedMachine, placeOf: FieldPlace): readonly FieldChange[] {
  const sources = diffJson(bySourcePath(was), bySourcePath(is), 'source')
  const wanted = was.wanted === undefined || is.wanted === undefined ? [] : diffJson(was.wanted, is.wanted)
  const removals = diffJson(asJson(was.removals ?? []), asJson(is.removals ?? []), 'removals')
  const placed = wanted.map((change) => {
    const at = placeOf(was.name, change.path)
    return at ? { ...change, at } : change
  })
  return [...sources, ...placed, ...removals]
}

function bySourcePath({ sources }: PlannedMachine) {
  return Object.fromEntries(sources.map(({ path, bytes, modified }) => [path, { bytes, modified }]))
}

function whyStale(was: PlannedMachine, is: PlannedMachine | undefined, saved: Plan, now: Plan): string | undefined {
  if (saved.lineage !== undefined && saved.lineage !== now.lineage) return 'the plan was made on another state'
  if (!is) return 'the machine is no longer in git or in the state'
  if (is.serial !== was.serial) return `the state changed since (serial ${was.serial} -> ${is.serial})`
  if (is.held?.by === 'suspended' || is.held?.by === 'dry_run') return `git leaves it alone now: ${is.held.why}`
  if (is.action === 'blocked') return `it cannot be planned any more: ${is.problems[0]?.summary ?? 'see h2k plan'}`
  const source = was.sources.find((file, index) => {
    const found = is.sources[index]
    return found?.path !== file.path || found.bytes !== file.bytes || found.modified !== file.modified
  })
  if (source) return `its source ${printable(source.path)} changed since`
  if (is.desired !== was.desired) return `${printable(was.file)}, or what it refers to, changed since`
  const tool = Object.entries(saved.tools).find(
    ([name, version]) => now.tools[name] !== undefined && now.tools[name] !== version,
  )
  if (tool) return `${tool[0]} was ${tool[1]} and is ${now.tools[tool[0]]}`
  if (is.action !== was.action) return `it would now be "${is.action}" instead of "${was.action}"`
  if (diffJson(asJson(was.removals ?? []), asJson(is.removals ?? [])).length > 0) {
    return 'what h2k made and would remove changed since'
  }
  const [before, after] = [was, is].map(({ stages }) => stages.map(({ stage }) => stage).join(', '))
  return before === after ? undefined : `it would now run ${after} instead of ${before}`
}
