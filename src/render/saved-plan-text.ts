import { addressOf } from '../core/address.ts'
import { changeText } from '../core/change-text.ts'
import { printable, printableSentence } from '../core/printable.ts'
import type { SavedPlan } from '../core/saved-plan.ts'
import type { StaleMachine } from '../core/stale-machines.ts'
import { formatCount } from '../core/units.ts'

interface Standing {
  readonly used?: { readonly who: string; readonly startedAt: string; readonly id: string }
  readonly stale: readonly StaleMachine[]
  readonly untrusted?: string
}

/** What stands above a saved plan: whether it can still be applied. */
export function standingText(
  { signature }: Pick<SavedPlan, 'signature'>,
  { used, stale, untrusted }: Standing,
): string[] {
  const signed = signature ? `Signed with key ${printable(signature.key.slice(0, 16))}.` : 'Not signed.'
  return [
    untrusted === undefined ? signed : `${signed} It would be refused: ${printableSentence(untrusted)}.`,
    ...(used ? [`This plan was applied by ${printable(used.who)} at ${used.startedAt}, run ${used.id}.`] : []),
    ...(stale.length > 0 ? [`This plan is stale: ${stale.length} of its machines changed since.`] : []),
    ...staleText(stale),
    '',
  ]
}

/** How the plan that would be made now stands against one that was reviewed. */
export function comparisonText(
  file: string,
  stale: readonly StaleMachine[],
  unreviewed: readonly StaleMachine[],
): string[] {
  const differing = [...stale, ...unreviewed]
  if (differing.length === 0) return ['', `As reviewed in ${printable(file)}: the same is done with the same machines.`]
  const head = `Not as reviewed in ${printable(file)}: ${formatCount(differing.length, 'machine')} differ${differing.length === 1 ? 's' : ''}.`
  return ['', head, ...staleText(differing)]
}

/** Each machine with what changed, a line a field. */
function staleText(stale: readonly StaleMachine[]): string[] {
  return stale.flatMap(({ name, summary, changes }) => [
    `  ${addressOf(name)}: ${printableSentence(summary)}`,
    ...changes.map((change) => `      ${changeText(change)}`),
  ])
}
