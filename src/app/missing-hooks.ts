import { addressOf } from '../core/address.ts'
import { ProblemError, problemsOrBug } from '../core/problem.ts'
import type { Context } from './context.ts'
import type { Subject } from './stage.ts'

/**
 * Looks at the file of every hook, also of those at stages that nobody knows the input of yet: hours of copying come before
 * them. @throws ProblemError with a HOOK_MISSING for each that cannot be run, where git names it
 */
export function refuseMissingHooks({ machine, place }: Subject, { hooks }: Context): void {
  const problems = Object.entries(machine.hooks).flatMap(([point, listed]) =>
    listed.flatMap((hook, index) => {
      try {
        hooks.identity(hook)
        return []
      } catch (error) {
        const at = place(['hooks', point, index, hook.type === 'python' ? 'module' : 'path'])
        return problemsOrBug(error).map((problem) => ({ at, address: addressOf(machine.name), ...problem }))
      }
    }),
  )
  if (problems.length > 0) throw new ProblemError(problems)
}
