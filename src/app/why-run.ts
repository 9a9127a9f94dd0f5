import type { Decision } from '../core/decision.ts'

/** A decision in a few words. */
export function whyRun(decision: Decision): string {
  if (!decision.run) return 'unchanged'
  switch (decision.why) {
    case 'first':
      return 'not done yet'
    case 'redo':
      return 'asked for'
    case 'changed':
      return decision.changes.map(({ path }) => path).join(', ') || 'its own code changed'
    case 'broken':
      return decision.reason
    case 'upstream':
      return `comes after ${decision.stage}`
    case 'needed':
      return `${decision.stage} reads what it left, and that is gone`
    case 'resume':
      return decision.status === 'started' ? 'h2k was killed in it' : `${decision.status} the last time`
  }
}
