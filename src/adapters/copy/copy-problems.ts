import { problem } from '../../core/problem.ts'
import { failureOf, isOfTheSystem } from './failure.ts'
import type { Failure } from './messages.ts'
import { corrupt } from './source.ts'

/** What a person can act on, of an error of writing; what it does not know it gives back. */
export type Unwritable = (error: unknown, path: string) => unknown

/** What a person can act on, of what can go wrong with a copy. */
export interface CopyProblems {
  of(failure: Failure): unknown
  /** @throws what is to be said of an error of writing; any other as it is */
  unwritten(error: unknown): never
}

/** @param source how messages name it @param path of the target, as messages name it */
export function copyProblems(source: string, path: string, unwritable: Unwritable): CopyProblems {
  const of = ({ kind, what, code, source: from = source }: Failure): unknown => {
    if (kind === 'corrupt') return corrupt(from, what)
    if (kind === 'source') return problem('SOURCE_UNREADABLE', `${from} cannot be read: ${what}`)
    const error = Object.assign(new Error(what), { code })
    const told = unwritable(error, path)
    return told === error ? problem('TOOL_FAILED', `${path} cannot be written: ${what}`) : told
  }
  return {
    of,
    unwritten(error) {
      throw isOfTheSystem(error) ? of(failureOf(error)) : error
    },
  }
}
