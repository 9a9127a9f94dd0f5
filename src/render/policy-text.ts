import { addressOf } from '../core/address.ts'
import { findingText } from '../core/policy/finding-problems.ts'
import { counts, denies, type PolicyFinding } from '../core/policy/policy.ts'
import { printableSentence } from '../core/printable.ts'
import { placeText } from './problem-text.ts'
import type { Style, styled } from './style.ts'

/** What a workspace's policy says of a plan: a line that counts, then each finding, what is denied first. */
export function policyLines(findings: readonly PolicyFinding[], paint: ReturnType<typeof styled>): string[] {
  if (findings.length === 0) return []
  const denied = findings.filter(denies)
  const warned = findings.filter((finding) => counts(finding) && !denies(finding))
  const waived = findings.filter((finding) => !counts(finding))
  const head = `Policy: ${denied.length} denied, ${warned.length} ${warned.length === 1 ? 'warning' : 'warnings'}, ${waived.length} waived.`
  const lines = (group: readonly PolicyFinding[], word: string, style: Style) =>
    group.map((finding) => `  ${paint(style, word)} ${findingLine(finding)}`)
  return [head, ...lines(denied, 'deny', 'red'), ...lines(warned, 'warn', 'yellow'), ...lines(waived, 'waived', 'dim')]
}

function findingLine(finding: PolicyFinding): string {
  const { machine, at, hint } = finding
  const subject = machine === undefined ? '' : `${addressOf(machine)} `
  const place = at ? ` [${placeText(at)}]` : ''
  const way = hint !== undefined && counts(finding) ? ` -> ${printableSentence(hint)}` : ''
  return `${subject}${printableSentence(findingText(finding))}${place}${way}`
}
