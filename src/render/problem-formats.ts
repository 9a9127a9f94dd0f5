import { printableSentence } from '../core/printable.ts'
import type { Place, Problem } from '../core/problem.ts'

const problemFormats = ['text', 'json', 'sarif', 'github'] as const
export type ProblemFormat = (typeof problemFormats)[number]

/** Something about a line of the workspace's files that is shown beside it. */
export interface Annotation {
  readonly severity: Problem['severity']
  readonly title: string
  readonly text: string
  readonly at?: Place
}

/** Problems as a JSON array. */
export function problemsJson(problems: readonly Problem[]): string {
  return JSON.stringify(problems, null, 2)
}

/** SARIF 2.1.0, as code scanning services read it: https://docs.oasis-open.org/sarif/sarif/v2.1.0/ */
export function problemsSarif(problems: readonly Problem[], version: string): string {
  const rules = [...new Set(problems.map(({ code }) => code))].map((id) => ({ id }))
  const results = problems.map((problem) => ({
    ruleId: problem.code,
    level: problem.severity === 'info' ? 'note' : problem.severity,
    message: { text: [problem.summary, problem.hint].filter(Boolean).join(' -> ') },
    ...(problem.at ? { locations: [{ physicalLocation: physicalLocation(problem.at) }] } : {}),
  }))
  const driver = { name: 'h2k', version, rules }
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver }, results }],
  }
  return JSON.stringify(log, null, 2)
}

function physicalLocation({ file, line, column }: NonNullable<Problem['at']>) {
  const region =
    line === undefined ? {} : { region: { startLine: line, ...(column === undefined ? {} : { startColumn: column }) } }
  return { artifactLocation: { uri: file.split('/').map(encodeURIComponent).join('/') }, ...region }
}

/** Problems as annotations. */
export function problemsGithub(problems: readonly Problem[]): string {
  return annotationsGithub(
    problems.map(({ severity, code, summary, hint, at }) => {
      const text = [summary, hint].filter(Boolean).join(' -> ')
      return { severity, title: code, text, ...(at ? { at } : {}) }
    }),
  )
}

/**
 * Workflow commands, which GitHub shows as annotations on the lines of a pull request:
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands. It shows ten of each severity for a step.
 */
export function annotationsGithub(annotations: readonly Annotation[]): string {
  return annotations
    .map(({ severity, title, text, at }) => {
      const level = severity === 'info' ? 'notice' : severity
      const place = at ? { file: at.file, line: at.line, col: at.column } : {}
      const properties = Object.entries({ ...place, title })
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => `${key}=${property(String(value))}`)
      return `::${level} ${properties.join(',')}::${message(text)}`
    })
    .join('\n')
}

function message(text: string): string {
  return printableSentence(text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A'))
}

function property(text: string): string {
  return message(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
