import { isMap } from '../layer.ts'
import { printable } from '../printable.ts'

/** What a policy command said of a plan. */
export interface CommandFinding {
  readonly action: 'warn' | 'deny'
  readonly machine?: string
  readonly field?: string
  readonly evidence: string
}

/** How a policy command ended, all of its output. */
export interface CommandAnswer {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Findings, or why the answer is none. */
export type ReadAnswer = readonly CommandFinding[] | { readonly fault: string }

// Nobody reads more of one command.
const mostFindings = 1000
const mostCharacters = 300

/**
 * Reads an answer. Exit code 0 allows and 1 denies, unless the output says it in detail: a JSON list of texts or of maps with
 * `msg`, what `opa eval --format json` prints (https://www.openpolicyagent.org/docs/cli#eval), or `conftest test --output json`
 * (https://www.conftest.dev/output/). Plain lines deny with exit code 1. Whatever else comes is a fault: a rule that could
 * not be asked allows nothing.
 */
export function readAnswer({ exitCode, stdout, stderr }: CommandAnswer, action: 'warn' | 'deny'): ReadAnswer {
  const parsed = parseJson(stdout)
  const told = parsed === undefined ? undefined : findingsIn(parsed, action)
  if (told && 'fault' in told) return told
  // conftest exits 2 when --fail-on-warn finds failures.
  if (told && told.length > 0 && exitCode <= 2) return told.slice(0, mostFindings)
  if (exitCode === 0 && (told || stdout.trim() === '')) return []
  const words = lastWords(parsed === undefined ? stdout : '') || lastWords(stderr)
  if (exitCode === 0) return { fault: `it exited with 0, and its output is no answer: ${words}` }
  if (exitCode !== 1) return { fault: `it exited with ${exitCode}: ${words || 'it said nothing'}` }
  const lines = parsed === undefined ? stdout.split('\n').filter((line) => line.trim() !== '') : []
  const evidence = lines.length > 0 ? lines : [words || 'it exited with 1 and said nothing']
  return evidence.slice(0, mostFindings).map((line) => ({ action, evidence: said(line.trim()) }))
}

function parseJson(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined
  try {
    return JSON.parse(text) as unknown
  } catch {
    // Then it is text.
    return undefined
  }
}

function findingsIn(value: unknown, action: 'warn' | 'deny'): ReadAnswer | undefined {
  if (Array.isArray(value)) {
    return value.some(isConftest) ? value.flatMap((file) => ofConftest(file, action)) : ofList(value, action)
  }
  if (!isMap(value)) return undefined
  if (Array.isArray(value.errors) && value.errors.length > 0) return { fault: said(JSON.stringify(value.errors)) }
  if (Array.isArray(value.result)) return ofOpa(value.result, action)
  // So OPA says that there is no such rule.
  return Object.keys(value).length === 0 ? { fault: 'its query is undefined: is there such a rule?' } : undefined
}

function ofOpa(results: readonly unknown[], action: 'warn' | 'deny'): ReadAnswer | undefined {
  const found: CommandFinding[] = []
  for (const result of results) {
    for (const expression of isMap(result) && Array.isArray(result.expressions) ? result.expressions : []) {
      const { value, text } = isMap(expression) ? expression : {}
      // A rule such as `allow`.
      if (value === true) continue
      if (value === false) found.push({ action, evidence: `${said(String(text))} is false` })
      else {
        const list = Array.isArray(value) ? ofList(value, action) : undefined
        if (!list || 'fault' in list) return { fault: 'its query gives neither a list nor true or false' }
        found.push(...list)
      }
    }
  }
  return results.length > 0 ? found : { fault: 'its query is undefined: is there such a rule?' }
}

function isConftest(value: unknown): boolean {
  return isMap(value) && ('failures' in value || 'successes' in value)
}

function ofConftest(file: unknown, action: 'warn' | 'deny'): readonly CommandFinding[] {
  if (!isMap(file)) return []
  const { failures, warnings } = file
  const each = (list: unknown, as: 'warn' | 'deny') =>
    (Array.isArray(list) ? list : []).flatMap((member) => findingOf(member, as) ?? [])
  return [...each(failures, action), ...each(warnings, 'warn')]
}

function ofList(list: readonly unknown[], action: 'warn' | 'deny'): ReadAnswer | undefined {
  const found = list.map((member) => findingOf(member, action))
  const known = found.filter((finding) => finding !== undefined)
  return known.length === found.length
    ? known
    : { fault: 'its list holds something that is neither a text nor has a msg' }
}

function findingOf(member: unknown, action: 'warn' | 'deny'): CommandFinding | undefined {
  if (typeof member === 'string') return { action, evidence: said(member) }
  if (!isMap(member) || typeof member.msg !== 'string') return undefined
  const { machine, field, severity } = { ...member, ...(isMap(member.metadata) ? member.metadata : {}) } as Record<
    string,
    unknown
  >
  return {
    action: severity === 'warn' || severity === 'warning' ? 'warn' : action,
    ...(typeof machine === 'string' ? { machine: machine.replace(/^machine\./, '') } : {}),
    ...(typeof field === 'string' ? { field } : {}),
    evidence: said(member.msg),
  }
}

function lastWords(text: string): string {
  return printable(text.trim().split('\n').slice(-3).join(' | ').slice(-mostCharacters))
}

function said(text: string): string {
  return printable(text.length <= mostCharacters ? text : `${text.slice(0, mostCharacters - 1)}…`)
}
