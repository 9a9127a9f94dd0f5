import type { ReportedMachine, RunReport } from '../../core/language/run-report.ts'
import { formatBytes, formatCount, formatRate, formatSeconds } from '../../core/units.ts'

/** A run in one sentence. */
export function headline({ counts, actual, run }: RunReport): string {
  const { total, successful, failed, interrupted, waiting } = counts
  if (total === 0) return `Nothing had to be done: ${formatCount(counts.unchanged, 'machine')} as git says.`
  const rest = [
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(interrupted > 0 ? [`${interrupted} interrupted`] : []),
    ...(waiting > 0 ? [`${waiting} waiting`] : []),
  ]
  const far = run.outcome === 'running' ? 'so far ' : ''
  const of = `${successful} of ${formatCount(total, 'machine')} ${successful === 1 && total === 1 ? 'is' : 'are'} done`
  return `${far}${of}${rest.length > 0 ? `, ${rest.join(', ')}` : ''}, after ${formatSeconds(actual.seconds)}.`
}

/** What was foreseen beside what came; nothing for a run without a plan. */
export function comparison({ predicted, actual }: RunReport): readonly {
  readonly what: string
  readonly foreseen: string
  readonly came: string
  /** Of the two, for a bar. */
  readonly amounts: readonly [number, number]
}[] {
  if (!predicted) return []
  const { seconds, write_bytes: most } = predicted
  return [
    ...(seconds === null
      ? []
      : [
          {
            what: 'time',
            foreseen: `about ${formatSeconds(seconds)}`,
            came: formatSeconds(actual.seconds),
            amounts: [seconds, actual.seconds] as const,
          },
        ]),
    {
      what: 'written',
      foreseen: most === 0 ? 'nothing' : `at most ${formatBytes(most)}`,
      came: formatBytes(actual.written_bytes),
      amounts: [most, actual.written_bytes],
    },
  ]
}

/** How a machine ended, for a reader. */
export function outcomeWord({ outcome }: Pick<ReportedMachine, 'outcome'>): string {
  return outcome === 'not_begun' ? 'not begun' : outcome
}

/** A rate, or nothing. */
export function rateText(bytesPerSecond: number | null): string {
  return bytesPerSecond === null ? '' : formatRate(bytesPerSecond)
}

/** A time to the second, in UTC: `2026-03-01 10:00:05`. */
export function momentText(iso: string | null): string {
  return iso === null ? '' : iso.slice(0, 19).replace('T', ' ')
}

/** Tools with their versions. */
export function toolsText(tools: Readonly<Record<string, string>>): string {
  return Object.entries(tools)
    .map(([tool, version]) => `${tool} ${version}`)
    .join(', ')
}

/** Who let a machine be cut over. */
export function approvalText(approved: ReportedMachine['approved']): string {
  if (!approved) return ''
  const until = approved.until === null ? '' : `, until ${momentText(approved.until)} UTC`
  return `${approved.by}, ${momentText(approved.at)} UTC${until}`
}

/** Which plan a run carried out. */
export function planWord({ plan_id: id, command }: RunReport['run']): string {
  if (command !== 'apply' && command !== 'destroy') return ''
  return id === null ? 'made and approved in the run' : `reviewed before: ${id}`
}
