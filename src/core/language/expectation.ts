import type { z } from 'zod'
import { nearest } from '../nearest.ts'

type SchemaIssue = z.core.$ZodIssue

const types: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map',
  record: 'a map',
}

/** What a value has to be, after its name: `must be a whole number`. */
export function expectation(issue: SchemaIssue): string {
  switch (issue.code) {
    case 'invalid_value':
      return `must be ${anyOf(issue.values.map((value) => JSON.stringify(value)))}`
    case 'invalid_type':
      return `must be ${types[issue.expected] ?? issue.expected}`
    case 'too_small':
      return issue.origin === 'string' ? 'must not be empty' : `must be at least ${issue.minimum}`
    case 'too_big':
      return `must be at most ${issue.maximum}${issue.origin === 'string' ? ' characters long' : ''}`
    case 'invalid_format':
      return `must be ${issue.message}`
    case 'invalid_key':
      return `this key ${issue.issues[0] ? expectation(issue.issues[0]) : 'is not known'}`
    case 'invalid_union':
      return `must be ${anyOf(issue.errors.flat().map((inner) => expectation(inner).replace(/^must be /, '')))}`
    default:
      return issue.message
  }
}

function anyOf(words: readonly (string | undefined)[]): string {
  return [...new Set(words)].join(', ').replace(/, (?=[^,]*$)/, ' or ')
}

/** The edit that most likely puts it right. */
export function suggestion(issue: SchemaIssue): string | undefined {
  const { input } = issue
  const wantsText = issue.code === 'invalid_format' || ('expected' in issue && issue.expected === 'string')
  if (wantsText && (typeof input === 'number' || typeof input === 'boolean')) return `write it in quotes: "${input}"`
  if (issue.code === 'invalid_value') {
    const words = issue.values.filter((value) => typeof value === 'string')
    if (typeof input === 'number') return words[0] === undefined ? undefined : `write it in quotes: "${words[0]}"`
    const near = typeof input === 'string' ? nearest(input, words) : undefined
    return near === undefined ? undefined : `did you mean "${near}"?`
  }
  if (issue.code !== 'invalid_type' || typeof input !== 'string') return undefined
  if (issue.expected === 'boolean') return 'YAML 1.2 has only true and false, without quotes'
  if (issue.expected !== 'number' && issue.expected !== 'int') return undefined
  return /^[-+]?0\d/.test(input) ? 'write it without leading zeros' : 'write digits, without quotes'
}
