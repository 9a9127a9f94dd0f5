import { addressOf } from '../address.ts'
import { printable } from '../printable.ts'
import type { Problem } from '../problem.ts'
import type { PolicyFinding } from './policy.ts'
import { counts } from './policy.ts'

/** A finding in a sentence, with the waiver that fits it. */
export function findingText({ rule, evidence, waiver }: PolicyFinding): string {
  return `${printable(rule)}: ${evidence}${waiver ? ` (${waiverText(waiver)})` : ''}`
}

function waiverText({ by, reason, until, expired }: NonNullable<PolicyFinding['waiver']>): string {
  const whose = `by ${printable(by)} until ${printable(until)}: ${printable(reason)}`
  return expired ? `the waiver ${whose}, has expired` : `waived ${whose}`
}

/** Findings as problems: what is denied is an error, the rest that counts a warning, and what is waived told. */
export function findingProblems(findings: readonly PolicyFinding[]): readonly Problem[] {
  return findings.map((finding): Problem => {
    const { action, machine, at, hint } = finding
    const denied = action === 'deny' && counts(finding)
    return {
      severity: denied ? 'error' : counts(finding) ? 'warning' : 'info',
      code: denied ? 'POLICY_DENIED' : 'POLICY_WARNED',
      summary: findingText(finding),
      ...(hint !== undefined && counts(finding) ? { hint } : {}),
      ...(at ? { at } : {}),
      ...(machine === undefined ? {} : { address: addressOf(machine) }),
    }
  })
}
