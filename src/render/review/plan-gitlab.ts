import { fingerprint } from '../../core/fingerprint.ts'
import { countActions, type Plan } from '../../core/plan.ts'
import { printableSentence } from '../../core/printable.ts'
import type { Annotation } from '../problem-formats.ts'

/**
 * The report that GitLab shows in a merge request as "to add, change, delete" (artifacts:reports:terraform). It knows three
 * numbers: https://docs.gitlab.com/user/infrastructure/iac/mr_integration/
 */
export function planGitlab(plan: Plan): string {
  const { create, update, replace, resume, destroy } = countActions(plan)
  return `${JSON.stringify({ create, update: update + replace + resume, delete: destroy })}\n`
}

const severities = { error: 'blocker', warning: 'major', info: 'info' }

/**
 * Annotations as GitLab's code quality report: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format.
 * Of two findings with one `fingerprint` it shows one, so those that are alike are counted.
 */
export function annotationsGitlab(annotations: readonly Annotation[]): string {
  const seen = new Map<string, number>()
  const issues = annotations.map(({ severity, title, text, at = { file: 'h2k.yaml' } }) => {
    const same = fingerprint([title, text, at.file])
    const before = seen.get(same) ?? 0
    seen.set(same, before + 1)
    return {
      description: printableSentence(`${title}: ${text}`),
      check_name: printableSentence(title),
      fingerprint: before === 0 ? same : fingerprint([same, before]),
      severity: severities[severity],
      location: { path: at.file, lines: { begin: at.line ?? 1 } },
    }
  })
  return `${JSON.stringify(issues, null, 2)}\n`
}
