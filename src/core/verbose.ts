import type { RunEvent } from './events.ts'
import { printable, printableSentence } from './printable.ts'
import { formatBytes, formatRate, formatSeconds } from './units.ts'

const shownCharacters = 2000

/**
 * What `options.verbose` adds to a run's events: 1 why a stage runs or does not and how to mend what failed, 2 also what each
 * stage recorded, 3 also how far it is. Safe to print.
 */
export function verboseLines(event: RunEvent, level: number): readonly string[] {
  switch (event.type) {
    case 'stage_start':
      return level >= 1 ? [`attempt ${event.attempt}, because: ${printable(event.why)}`] : []
    case 'stage_skipped':
      return level >= 1 ? [`nothing to do: ${printable(event.why)}`] : []
    case 'stage_failed':
      return level >= 1
        ? event.problems.flatMap(({ code, summary, detail, hint }) => [
            `${code}: ${printableSentence(summary)}`,
            ...(detail === undefined ? [] : [`  ${printableSentence(detail)}`]),
            ...(hint === undefined ? [] : [`  -> ${printableSentence(hint)}`]),
          ])
        : []
    case 'stage_done':
      return [
        ...(level >= 1 ? [`done in ${formatSeconds(event.seconds)}`] : []),
        ...(level >= 2 ? recordedLines(event.evidence) : []),
      ]
    case 'stage_progress':
      return level >= 3 ? [`${formatBytes(event.bytes)} of ${formatBytes(event.total)}, ${formatRate(event.rate)}`] : []
    default:
      return []
  }
}

function recordedLines(evidence: Extract<RunEvent, { type: 'stage_done' }>['evidence']): readonly string[] {
  if (typeof evidence !== 'object' || evidence === null) return []
  return Object.entries(evidence).map(([key, value]) => {
    const text = printable(JSON.stringify(value) ?? '')
    return `recorded ${key}: ${text.length <= shownCharacters ? text : `${text.slice(0, shownCharacters)}…`}`
  })
}
