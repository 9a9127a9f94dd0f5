import type { Finding } from './outputs.ts'
import { type Problem, ProblemError } from './problem.ts'

/** What a validator saw. */
export interface Verdict {
  readonly ok: boolean
  readonly evidence: string
  /** Where it is not the validator's own severity. */
  readonly severity?: Finding['severity']
}

/** What every validator is, whatever it looks at. */
export interface Rule {
  readonly id: string
  /** Of what does not hold; what holds is an info. */
  readonly severity: Finding['severity']
  /** What to do then: one command or one edit. */
  readonly hint: string
}

/** A verdict as the state keeps it. */
export function findingOf(rule: Rule, subject: string, { ok, evidence, severity }: Verdict): Finding {
  const found = { rule: rule.id, severity: ok ? 'info' : (severity ?? rule.severity), subject, evidence } as const
  return found.severity === 'info' ? found : { ...found, hint: rule.hint }
}

/** @throws ProblemError RESULT_WRONG with every finding that is an error or critical */
export function refuseWrong(findings: readonly Finding[], what: string): void {
  const wrong = findings.filter(({ severity }) => severity === 'error' || severity === 'critical')
  if (wrong.length > 0) throw new ProblemError(wrong.map((finding) => asProblem(finding, what)))
}

function asProblem({ rule, subject, evidence, hint }: Finding, what: string): Problem {
  return {
    severity: 'error',
    code: 'RESULT_WRONG',
    summary: `${what} ${subject}: ${rule}: ${evidence}`,
    ...(hint === undefined ? {} : { hint }),
  }
}
