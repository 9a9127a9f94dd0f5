import type { Problem, ProblemCode } from '../core/problem.ts'

/** What h2k exits with, as documented. */
export const exitCodes = {
  done: 0,
  error: 1,
  changes: 2,
  partial: 3,
  planRefused: 4,
  locked: 5,
  denied: 6,
  blocked: 7,
} as const

const byCode: Partial<Record<ProblemCode, number>> = {
  PLAN_STALE: exitCodes.planRefused,
  PLAN_USED: exitCodes.planRefused,
  PLAN_ALTERED: exitCodes.planRefused,
  PLAN_UNSIGNED: exitCodes.planRefused,
  LOCKED: exitCodes.locked,
  LEASE_LOST: exitCodes.locked,
  APPROVAL_MISSING: exitCodes.blocked,
  SPACE_SHORT: exitCodes.blocked,
  INTERRUPTED: 130,
}

/** The exit code for what ended a command. */
export function exitCodeOf(problems: readonly Problem[]): number {
  const errors = problems.filter(({ severity }) => severity === 'error')
  if (errors.length > 0 && errors.every(({ code }) => code === 'POLICY_DENIED')) return exitCodes.denied
  return problems.map(({ code }) => byCode[code]).find((code) => code !== undefined) ?? exitCodes.error
}
