import { type Problem, problemsOf } from '../../../src/core/problem.ts'

/** The problems that `act` ends in; fails when it ends well or in anything else. */
export async function problemsFrom(act: () => unknown): Promise<readonly Problem[]> {
  try {
    await act()
  } catch (thrown) {
    const problems = problemsOf(thrown)
    if (problems === undefined) throw thrown
    return problems
  }
  throw new Error('it ended well, though it should have been refused')
}

/** The first of them. */
export async function problemFrom(act: () => unknown): Promise<Problem> {
  const [problem] = await problemsFrom(act)
  if (problem === undefined) throw new Error('it was refused without a problem')
  return problem
}
