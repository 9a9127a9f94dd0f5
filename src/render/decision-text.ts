import type { Decision } from '../core/decision.ts'
import type { FieldChange } from '../core/diff.ts'
import type { Json } from '../core/json.ts'
import { printable } from '../core/printable.ts'
import type { Place } from '../core/problem.ts'
import { shownValue } from '../core/relocate.ts'

const shownChanges = 6
const shownCharacters = 60

/** Why a stage runs, a line each; the field that changed with its old and its new value. */
export function decisionText(decision: Decision): readonly string[] {
  if (!decision.run) return []
  switch (decision.why) {
    case 'first':
      return []
    case 'redo':
      return ['asked for by --redo']
    case 'broken':
      return [printable(decision.reason)]
    case 'upstream':
      return [`after ${decision.stage} (known after apply)`]
    case 'needed':
      return [`what it left is gone, and ${decision.stage} reads it`]
    case 'resume':
      return [resumeText(decision)]
    case 'changed':
      return changesText(decision.changes)
  }
}

function resumeText({ status, message, fraction }: Extract<Decision, { readonly why: 'resume' }>): string {
  const how = status === 'started' ? 'h2k was killed in it' : status
  const where = fraction === undefined || fraction === 0 ? '' : ` at ${Math.floor(fraction * 100)} %`
  return `${how}${where}${message ? ` (${printable(message)})` : ''}`
}

function changesText(changes: readonly FieldChange[]): string[] {
  if (changes.length === 0) return ['this version of h2k does it differently']
  const shown = changes
    .slice(0, shownChanges)
    .map(({ path, from, to, at }) => `${printable(path)}: ${value(from)} -> ${value(to)}${placeText(at)}`)
  const rest = changes.length - shown.length
  return rest > 0 ? [...shown, `and ${rest} more`] : shown
}

function placeText(at: Place | undefined): string {
  if (!at) return ''
  return ` (${[printable(at.file), at.line, at.column].filter((part) => part !== undefined).join(':')})`
}

function value(json: Json | undefined): string {
  if (json === undefined) return '(none)'
  const text = printable(JSON.stringify(shownValue(json)))
  return text.length <= shownCharacters ? text : `${text.slice(0, shownCharacters)}…`
}
