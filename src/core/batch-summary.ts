import type { BatchReport } from './language/reports.ts'
import { printable } from './printable.ts'
import { formatSeconds } from './units.ts'

/** How the text begins: what has another first line is not h2k's to replace. */
export const summaryMark = 'h2k batch summary'

/** A batch's report for a person. */
export function batchSummary(report: BatchReport): string {
  const { batch, vm_results: results, aggregate_stats: stats, warnings, errors } = report
  const rest = batch.total_vms - batch.processed_vms
  const timed = (name: string, vm: { readonly vm_id: string; readonly duration: number } | null) =>
    vm ? [`  ${name}: ${printable(vm.vm_id)}, ${formatSeconds(vm.duration)}`] : []
  const width = Math.max(0, ...results.map(({ vm_id }) => printable(vm_id).length))
  const remarks = (title: string, list: BatchReport['warnings']) =>
    list.length === 0
      ? []
      : ['', `${title}:`, ...list.map(({ vm_id, message }) => `  ${printable(vm_id)}: ${printable(message)}`)]
  return `${[
    summaryMark,
    '',
    `Batch: ${printable(batch.batch_id)} (${printable(batch.manifest_path)})`,
    `Ended: ${report.timestamp}, run ${report.run_id}, after ${formatSeconds(batch.duration_seconds)}`,
    '',
    'Machines:',
    `  total: ${batch.total_vms}`,
    `  successful: ${batch.successful_vms}`,
    `  failed: ${batch.failed_vms}`,
    ...(rest > 0 ? [`  left: ${rest}`] : []),
    `  success rate: ${Math.round(batch.success_rate * 1000) / 10} % of those processed`,
    ...(stats.fastest_conversion ? ['', 'Time:', `  on average: ${formatSeconds(stats.average_duration)}`] : []),
    ...timed('fastest', stats.fastest_conversion),
    ...timed('slowest', stats.slowest_conversion),
    '',
    'Results:',
    ...results.map(({ vm_id, status, success, duration_seconds: seconds, error }) => {
      const how =
        status === 'SKIPPED' ? 'as git says already' : `${success ? 'done' : 'FAILED'} in ${formatSeconds(seconds)}`
      return `  ${printable(vm_id).padEnd(width)}  ${how}${error === undefined ? '' : `: ${printable(error)}`}`
    }),
    ...remarks('Warnings', warnings),
    ...remarks('Errors', errors),
  ].join('\n')}\n`
}
