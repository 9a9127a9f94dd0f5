import { changeText } from '../core/change-text.ts'
import type { Decision } from '../core/decision.ts'
import type { FieldChange } from '../core/diff.ts'
import { printable } from '../core/printable.ts'

const shownChanges = 6

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
  const shown = changes.slice(0, shownChanges).map(changeText)
  const rest = changes.length - shown.length
  return rest > 0 ? [...shown, `and ${rest} more`] : shown
}
