import type { RunReport } from '../../../core/language/run-report.ts'
import { formatBytes, formatSeconds } from '../../../core/units.ts'
import { momentText, rateText } from '../words.ts'
import { escapeHtml } from './escape.ts'

/** How the waves went; nothing where there are none. */
export function wavesTable({ waves }: RunReport): string {
  const rows = waves.map(({ wave, total, successful, failed, waiting, started_at: from, seconds }) => [
    wave === null ? 'in no wave' : wave,
    `${successful} of ${total}`,
    failed > 0 ? String(failed) : '',
    waiting > 0 ? String(waiting) : '',
    momentText(from),
    from === null ? '' : formatSeconds(seconds),
  ])
  return tableOf('Waves', ['wave', 'done', 'failed', 'waiting', 'begun', 'time'], rows)
}

/** What each stage took over all machines. */
export function partsTable({ parts }: RunReport): string {
  const rows = parts.map(({ part, attempts, failed, seconds, bytes, bytes_per_second: rate }) => [
    part,
    String(attempts),
    failed > 0 ? String(failed) : '',
    formatSeconds(seconds),
    bytes > 0 ? formatBytes(bytes) : '',
    rateText(rate),
  ])
  return tableOf('Stages', ['stage', 'attempts', 'failed', 'time', 'bytes', 'rate'], rows)
}

function tableOf(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return ''
  const heads = head.map((name) => `<th scope="col">${name}</th>`).join('')
  const body = rows.map(
    (row) =>
      `<tr>${row.map((cell, column) => (cell === '' ? '<td class="empty"></td>' : `<td data-of="${head[column]}">${escapeHtml(cell)}</td>`)).join('')}</tr>`,
  )
  return `<section><h2>${title}</h2><table><thead><tr>${heads}</tr></thead><tbody>${body.join('')}</tbody></table></section>`
}
