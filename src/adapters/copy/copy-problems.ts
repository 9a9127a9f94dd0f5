import { problem } from '../../core/problem.ts'
import { failureOf, isOfTheSystem } from './failure.ts'
import type { Failure } from './messages.ts'
import { corrupt } from './source.ts'

/** What a person can act on, of an error of writing; what it does not know it gives back. */
export type Unwritable = (error: unknown, path: string) => unknown

/** What a person can act on, of what can go wrong with a copy. */
export interface CopyProblems {
  of(failure: Failure): unknown
  /** What is to be said of an error, of writing where nobody said that it is of reading; a problem, or a bug, as it is. */
  explained(error: unknown): unknown
}

/** @param source how messages name it @param path of the target, as messages name it */
export function copyProblems(source: string, path: string, unwritable: Unwritable): CopyProblems {
  const of = ({ kind, what, code, source: from = source }: Failure): unknown => {
    if (kind !== 'target') return sourceProblem(from, { kind, what })
    const error = Object.assign(new Error(what), { code })
    const told = unwritable(error, path)
    return told === error ? problem('TOOL_FAILED', `${path} cannot be written: ${what}`) : told
  }
  return {
    of,
    explained: (error) => (isOfTheSystem(error) ? of(failureOf(error)) : error),
  }
}

/** The same of reading alone. */
export function sourceProblem(source: string, { kind, what }: Pick<Failure, 'kind' | 'what'>): Error {
  if (kind === 'corrupt') return corrupt(source, what)
  return problem('SOURCE_UNREADABLE', `${source} cannot be read: ${what}`)
}
