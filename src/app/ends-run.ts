import { type ProblemCode, problemsOf } from '../core/problem.ts'

const codes: ReadonlySet<ProblemCode> = new Set(['LEASE_LOST', 'STATE_UNWRITABLE', 'STATE_CORRUPT', 'STATE_LOST'])

/** Whether an error ends the whole run and not one machine: the state cannot be written, or belongs to somebody else now. */
export function endsRun(error: unknown): boolean {
  return problemsOf(error)?.some(({ code }) => codes.has(code)) ?? false
}
