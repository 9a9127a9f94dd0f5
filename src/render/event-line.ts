import { addressOf } from '../core/address.ts'
import type { RunEvent } from '../core/events.ts'
import { printable } from '../core/printable.ts'
import type { Problem } from '../core/problem.ts'
import type { RecordedName } from '../core/stage-names.ts'
import { formatBytes, formatCount, formatRate, formatSeconds } from '../core/units.ts'
import { placeText } from './problem-text.ts'

/** One line for a log, safe to print; undefined for progress, which is no transition. */
export function eventLine(event: RunEvent): string | undefined {
  switch (event.type) {
    // Its text is the plan's.
    case 'planned_change':
    case 'drift':
    case 'policy':
      return undefined
    case 'run_start': {
      const bytes = event.bytes > 0 ? `, ${formatBytes(event.bytes)}` : ''
      return `apply: ${formatCount(event.machines, 'machine')}, ${formatCount(event.stages, 'stage')}${bytes}`
    }
    case 'stage_start': {
      const attempt = event.attempt > 1 ? `, attempt ${event.attempt}` : ''
      const bytes = event.bytes > 0 ? `, ${formatBytes(event.bytes)} to read` : ''
      return `${addressOf(event.machine, event.stage)}: started${attempt}${bytes}`
    }
    case 'stage_progress':
      return undefined
    case 'stage_done': {
      const took = `done in ${formatSeconds(event.seconds)}`
      return `${addressOf(event.machine, event.stage)}: ${took}${amount(event.bytes, event.seconds)}`
    }
    case 'stage_skipped':
      return `${addressOf(event.machine, event.stage)}: skipped, ${printable(event.why)}`
    case 'stage_failed':
      return failureLine(event)
    case 'deed_start':
      return `${addressOf(event.machine, event.deed)}: started${event.attempt > 1 ? `, attempt ${event.attempt}` : ''}`
    case 'deed_done':
      return `${addressOf(event.machine, event.deed)}: done in ${formatSeconds(event.seconds)}`
    case 'deed_failed':
      return failureLine({ ...event, stage: event.deed })
    case 'hook_done': {
      const attempts = event.attempts > 1 ? `, ${event.attempts} attempts` : ''
      const hook = `${event.point} ${printable(event.hook)}`
      return `${addressOf(event.machine, event.stage)}: hook ${hook} ${event.outcome} in ${formatSeconds(event.seconds)}${attempts}`
    }
    case 'wave': {
      const name = `wave ${printable(event.wave)}`
      if (event.status === 'begun') return `${name}: begun, ${formatCount(event.machines, 'machine')}`
      return `${name}: ${event.status}${event.why === undefined ? '' : `, ${event.why}`}`
    }
    case 'machine_forgotten':
      return `${addressOf(event.machine)}: forgotten`
    case 'artifact_removed':
      return `${addressOf(event.machine)}: removed ${printable(event.path)}`
    case 'machine_destroyed':
      return `${addressOf(event.machine)}: destroyed, ${formatCount(event.removed, 'artifact')} removed`
    case 'log':
      return `${addressOf(event.machine, event.stage)}: ${event.text}`
    case 'diagnostic':
      return diagnosticLine(event.problem)
    case 'lock': {
      const of = `of ${formatCount(event.machines, 'machine')}`
      return event.status === 'taken' ? `lock ${of}: taken, token ${event.token}` : `lock ${of}: released`
    }
    case 'summary':
      return summaryLine(event)
  }
}

/** How a stage or a deed ended that did not get done: `machine.web01/convert: FAILED after 3 s: TOOL_FAILED …`. */
export function failureLine(
  event: Pick<Extract<RunEvent, { type: 'stage_failed' }>, 'machine' | 'seconds' | 'interrupted' | 'problems'> & {
    readonly stage: RecordedName
  },
): string {
  const address = addressOf(event.machine, event.stage)
  const after = `after ${formatSeconds(event.seconds)}`
  // Every stage that was running says the same when the run is told to stop.
  if (event.interrupted) return `${address}: interrupted ${after}`
  const reasons = event.problems.slice(0, 3).map(({ code, summary }) => `${code} ${printable(summary)}`)
  const more = event.problems.length - reasons.length
  return `${address}: FAILED ${after}: ${reasons.join('; ')}${more > 0 ? `; and ${more} more` : ''}`
}

function diagnosticLine({ at, address, severity, code, summary, hint }: Problem): string {
  const place = at ? placeText(at) : address
  const advice = hint === undefined ? '' : ` -> ${printable(hint)}`
  return `${place === undefined ? '' : `${place} `}${severity} ${code}: ${printable(summary)}${advice}`
}

function summaryLine(event: Extract<RunEvent, { type: 'summary' }>): string {
  const rest = (['failed', 'interrupted', 'unchanged', 'forgotten', 'destroyed', 'held'] as const)
    .filter((outcome) => event[outcome] > 0)
    .map((outcome) => `, ${event[outcome]} ${outcome}`)
  const bytes = event.bytes > 0 ? `, ${formatBytes(event.bytes)}` : ''
  return `${formatCount(event.done, 'machine')} done${rest.join('')} in ${formatSeconds(event.seconds)}${bytes}`
}

function amount(bytes: number, seconds: number): string {
  if (bytes <= 0) return ''
  return `, ${formatBytes(bytes)}${seconds > 0 ? ` at ${formatRate(bytes / seconds)}` : ''}`
}
