import type { ReportedMachine, RunReport } from '../../core/language/run-report.ts'
import { printable } from '../../core/printable.ts'
import { formatBytes, formatSeconds } from '../../core/units.ts'
import { styled } from '../style.ts'
import { table } from '../table.ts'
import { comparison, headline, momentText, outcomeWord, planWord, rateText } from './words.ts'

/** A report for a terminal. */
export function reportText(report: RunReport, color: boolean): string {
  const paint = styled(color)
  const { run, waves, parts, machines } = report
  const section = (title: string, rows: readonly (readonly string[])[]) =>
    rows.length === 0 ? [] : ['', paint('bold', title), ...indented(table(rows))]
  const failed = machines.filter(({ outcome }) => outcome === 'failed')
  return `${[
    paint('bold', `${printable(report.workspace)}: ${headline(report)}`),
    ...indented(table(factsOf(run))),
    ...section(
      'Prediction and outcome',
      comparison(report).map(({ what, foreseen, came }) => [what, foreseen, '->', came]),
    ),
    ...(report.predicted?.basis ? [`  basis: ${report.predicted.basis}`] : []),
    ...section('Waves', waves.map(waveRow)),
    ...section(
      'Stages',
      parts.map(({ part, attempts, failed: wrong, seconds, bytes, bytes_per_second: rate }) => [
        part,
        `${attempts} x`,
        wrong > 0 ? `${wrong} failed` : '',
        formatSeconds(seconds),
        bytes > 0 ? formatBytes(bytes) : '',
        rateText(rate),
      ]),
    ),
    ...section('Machines', machines.map(machineRow)),
    ...failed.flatMap(({ address, log }) =>
      log === '' ? [] : ['', paint('bold', `Log of ${address}`), ...logLines(log)],
    ),
  ].join('\n')}\n`
}

function factsOf(run: RunReport['run']): readonly (readonly string[])[] {
  const exit = run.exit_code === null ? '' : `, exit ${run.exit_code}`
  const plan = planWord(run)
  return [
    ['run', `${run.id}, h2k ${run.command} ${run.h2k_version}`],
    ['by', `${printable(run.who)}, commit ${run.commit === null ? 'none' : printable(run.commit)}`],
    ['from', `${momentText(run.started_at)} UTC${run.finished_at ? ` to ${momentText(run.finished_at)} UTC` : ''}`],
    ['ended', `${run.outcome}${exit}`],
    ...(plan === '' ? [] : [['plan', plan]]),
  ]
}

function waveRow(wave: RunReport['waves'][number]): readonly string[] {
  return [
    wave.wave === null ? '(in no wave)' : printable(wave.wave),
    `${wave.successful} of ${wave.total} done`,
    wave.failed > 0 ? `${wave.failed} failed` : '',
    wave.waiting > 0 ? `${wave.waiting} waiting` : '',
    wave.started_at === null ? '' : formatSeconds(wave.seconds),
  ]
}

function machineRow(machine: ReportedMachine): readonly string[] {
  const { address, seconds, worked_bytes: bytes, why, attempts } = machine
  return [
    address,
    outcomeWord(machine),
    attempts.length > 0 ? formatSeconds(seconds) : '',
    bytes > 0 ? formatBytes(bytes) : '',
    rateText(machine.bytes_per_second),
    why === undefined ? '' : printable(why),
  ]
}

function logLines(log: string): readonly string[] {
  return log
    .trimEnd()
    .split('\n')
    .map((line) => `  ${printable(line)}`)
}

function indented(text: string): readonly string[] {
  return text.split('\n').map((line) => `  ${line}`)
}
