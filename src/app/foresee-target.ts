import { addressOf } from '../core/address.ts'
import { type Problem, problemsOrBug } from '../core/problem.ts'
import type { Prospect } from '../ports/target.ts'
import type { Context } from './context.ts'
import { publishInput } from './publish-input.ts'
import type { Subject } from './stage.ts'
import { type Known, withoutGone } from './whereabouts.ts'

export interface Foreseen extends Prospect {
  /** What the state knows, without the volumes that are gone. */
  readonly known: Known
  /** What could not be seen. */
  readonly notes: readonly string[]
}

/** Where nobody looked. */
export function unforeseen(known: Known): Foreseen {
  return { known, problems: [], places: new Map(), notes: [] }
}

/**
 * Looks at the target of a machine that is to be published. One that does not answer is in the way of a machine that has
 * something there; of one that has nothing yet, its plan says so.
 */
export async function foreseeTarget(
  { machine, place }: Subject,
  recorded: Known,
  { target, workspace }: Context,
  signal: AbortSignal,
): Promise<Foreseen> {
  // The place is only looked for when there is a problem: to find it, the whole file is read once more.
  const placed = (problems: readonly Problem[]) =>
    problems.map((problem) => ({ at: place(['target']), address: addressOf(machine.name), ...problem }))
  const artifacts = new Map(recorded.artifacts().map((artifact) => [artifact.path, artifact]))
  try {
    const owned = (path: string) => artifacts.get(path)
    const { problems, places } = await target.foresee(publishInput(machine, workspace), { signal, owned })
    const known = await withoutGone(recorded, target, signal)
    return { known, problems: placed(problems), places, notes: [] }
  } catch (error) {
    signal.throwIfAborted()
    const problems = problemsOrBug(error)
    const unseen = problems.every(({ code }) => unanswered.has(code))
    if (!unseen || [...artifacts.keys()].some((path) => !path.startsWith('/'))) {
      return { ...unforeseen(recorded), problems: placed(problems) }
    }
    const why = problems.map(({ summary }) => summary).join('; ')
    return { ...unforeseen(recorded), notes: [`was planned without a look at its target (${why})`] }
  }
}

const unanswered: ReadonlySet<Problem['code']> = new Set(['TARGET_UNREACHABLE', 'TOOL_MISSING', 'TOOL_TIMEOUT'])
