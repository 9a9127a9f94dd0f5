import type { ReportedMachine, RunReport } from '../language/run-report.ts'

/** Machines by how they ended. */
export function countsOf(machines: readonly ReportedMachine[]): Omit<RunReport['counts'], 'unchanged'> {
  const count = (...outcomes: readonly ReportedMachine['outcome'][]) =>
    machines.filter(({ outcome }) => outcomes.includes(outcome)).length
  const successful = count('done', 'forgotten', 'destroyed')
  const failed = count('failed', 'blocked')
  const ended = successful + failed
  return {
    total: machines.length,
    successful,
    failed,
    interrupted: count('interrupted'),
    waiting: count('held', 'not_begun'),
    success_rate: ended === 0 ? null : Math.round((successful / ended) * 10_000) / 10_000,
  }
}
