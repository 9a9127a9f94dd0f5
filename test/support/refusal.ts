import { type Problem, problemsOf } from '../../src/core/problem.ts'

/** The problems that `act` is refused with; fails when it ends well, or in anything else. */
export function refusal(act: () => unknown): readonly Problem[] {
  let value: unknown
  try {
    value = act()
  } catch (thrown) {
    const problems = problemsOf(thrown)
    if (problems === undefined) throw thrown
    return problems
  }
  throw new Error(`it was accepted, as ${JSON.stringify(value)?.slice(0, 300)}`)
}

/** The same as compilers print them: `file:line:column CODE summary`. */
export function refusalLines(act: () => unknown): readonly string[] {
  return refusal(act).map(({ at, code, summary }) => `${at?.file}:${at?.line}:${at?.column} ${code} ${summary}`)
}
