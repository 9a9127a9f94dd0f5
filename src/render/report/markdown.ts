import type { ReportedMachine, RunReport } from '../../core/language/run-report.ts'
import { printable } from '../../core/printable.ts'
import { formatBytes, formatSeconds } from '../../core/units.ts'
import { codeSpan, fenced } from '../review/inert.ts'
import { markdownTable } from './markdown-table.ts'
import { approvalText, comparison, headline, momentText, outcomeWord, planWord, rateText, toolsText } from './words.ts'

/** A report for a wiki, a ticket or a pull request. */
export function reportMarkdown(report: RunReport): string {
  const { waves, parts, machines, predicted } = report
  const failed = machines.filter(({ outcome }) => outcome === 'failed' || outcome === 'blocked')
  const compared = comparison(report)
  const parted = [
    `# ${code(report.workspace)}: migration report`,
    headline(report),
    markdownTable(['', ''], factsOf(report)),
    ...(compared.length === 0
      ? []
      : [
          '## Prediction and outcome',
          markdownTable(
            ['', 'predicted', 'actual'],
            compared.map(({ what, foreseen, came }) => [what, foreseen, came]),
          ),
          ...(predicted?.basis ? [`Basis: ${predicted.basis}.`] : []),
        ]),
    ...(failed.length === 0 ? [] : ['## Failures', ...failed.flatMap(failure)]),
    ...(waves.length === 0 ? [] : ['## Waves', wavesTable(waves)]),
    ...(parts.length === 0 ? [] : ['## Stages', partsTable(parts)]),
    ...(machines.length === 0 ? [] : ['## Machines', machinesTable(machines)]),
    ...evidence(machines),
  ]
  return `${parted.join('\n\n')}\n`
}

function factsOf({ run, counts, statistics }: RunReport): readonly (readonly string[])[] {
  const timed = (one: RunReport['statistics']['fastest']) =>
    one ? `${code(one.machine)}, ${formatSeconds(one.seconds)}` : ''
  const exit = run.exit_code === null ? '' : ` (exit ${run.exit_code})`
  return [
    ['Run', `${code(run.id)}, h2k ${run.command}, version ${run.h2k_version}`],
    ['By', code(run.who)],
    ['Commit', run.commit === null ? 'none' : code(run.commit)],
    ['Plan', planWord(run)],
    ['Started', `${momentText(run.started_at)} UTC`],
    ['Ended', run.finished_at === null ? '' : `${momentText(run.finished_at)} UTC`],
    ['Outcome', `${run.outcome}${exit}`],
    ['Total machines', String(counts.total)],
    ['Successful', String(counts.successful)],
    ['Failed', String(counts.failed)],
    ['Interrupted', String(counts.interrupted)],
    ['Waiting', String(counts.waiting)],
    ['Unchanged', String(counts.unchanged)],
    ['Success rate', counts.success_rate === null ? '' : `${Math.round(counts.success_rate * 1000) / 10} %`],
    ['Average time', statistics.average_seconds === null ? '' : formatSeconds(statistics.average_seconds)],
    ['Fastest', timed(statistics.fastest)],
    ['Slowest', timed(statistics.slowest)],
  ].filter(([, value]) => value !== '')
}

function failure({ address, why, log, manifest }: ReportedMachine): readonly string[] {
  const told = `### ${code(address)}\n\n${code(why ?? '')} (${code(manifest)})`
  return log === '' ? [told] : [told, fenced('text', log.trimEnd().split('\n').map(printable))]
}

function wavesTable(waves: RunReport['waves']): string {
  return markdownTable(
    ['wave', 'total', 'successful', 'failed', 'waiting', 'time'],
    waves.map(({ wave, total, successful, failed, waiting, seconds }) => [
      wave === null ? '(none)' : code(wave),
      ...[total, successful, failed, waiting].map(String),
      formatSeconds(seconds),
    ]),
  )
}

function partsTable(parts: RunReport['parts']): string {
  return markdownTable(
    ['stage', 'attempts', 'failed', 'time', 'bytes', 'rate'],
    parts.map(({ part, attempts, failed, seconds, bytes, bytes_per_second: rate }) => [
      part,
      String(attempts),
      String(failed),
      formatSeconds(seconds),
      bytes > 0 ? formatBytes(bytes) : '',
      rateText(rate),
    ]),
  )
}

function machinesTable(machines: RunReport['machines']): string {
  return markdownTable(
    ['machine', 'wave', 'status', 'started', 'duration', 'bytes', 'rate', 'stages completed'],
    machines.map((machine) => [
      code(machine.machine),
      machine.wave === null ? '' : code(machine.wave),
      outcomeWord(machine),
      momentText(machine.started_at),
      machine.attempts.length > 0 ? formatSeconds(machine.seconds) : '',
      machine.worked_bytes > 0 ? formatBytes(machine.worked_bytes) : '',
      rateText(machine.bytes_per_second),
      machine.attempts.flatMap(({ part, status }) => (status === 'done' ? part : [])).join(', '),
    ]),
  )
}

function evidence(machines: RunReport['machines']): readonly string[] {
  const rows = machines.flatMap((machine) =>
    machine.disks.map(({ id, format, virtual_bytes: bytes, sha256 }) => [
      code(machine.machine),
      `${code(id)}, ${format}, ${formatBytes(bytes)}`,
      code(sha256),
      toolsText(machine.tools),
      code(approvalText(machine.approved)),
    ]),
  )
  return rows.length === 0
    ? []
    : ['## Evidence', markdownTable(['machine', 'disk', 'sha256', 'tools', 'approved by'], rows)]
}

// Longer ones are names that nobody reads.
function code(text: string): string {
  return text === '' ? '' : codeSpan(text, 200)
}
