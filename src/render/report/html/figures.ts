import type { RunReport } from '../../../core/language/run-report.ts'
import { formatBytes, formatSeconds } from '../../../core/units.ts'
import { comparison, rateText } from '../words.ts'
import { escapeHtml } from './escape.ts'

/** The numbers that one looks for first, and what was foreseen beside what came. */
export function figures(report: RunReport): string {
  const { counts, actual, parts, statistics } = report
  const rate = parts.find(({ part }) => part === 'convert')?.bytes_per_second ?? null
  const average = statistics.average_seconds
  const tiles = [
    tile(`${counts.successful} / ${counts.total}`, 'machines done', share(counts.successful, counts.total)),
    tile(String(counts.failed), 'failed', counts.failed > 0 ? 'see below' : 'nothing to look at', counts.failed > 0),
    tile(
      formatSeconds(actual.seconds),
      'in all',
      average === null ? '' : `${formatSeconds(average)} a machine on average`,
    ),
    tile(
      formatBytes(actual.worked_bytes),
      'worked through',
      actual.written_bytes > 0 ? `${formatBytes(actual.written_bytes)} written` : '',
    ),
    ...(rate === null ? [] : [tile(rateText(rate), 'a conversion', 'on average')]),
  ]
  return `<section class="tiles" aria-label="Figures">${tiles.join('')}</section>${foreseen(report)}`
}

function tile(value: string, what: string, more: string, bad = false): string {
  return `<div class="tile${bad ? ' bad' : ''}"><b>${escapeHtml(value)}</b><span>${what}</span><small>${escapeHtml(more)}</small></div>`
}

function share(part: number, whole: number): string {
  return whole === 0 ? '' : `${Math.round((part / whole) * 100)} %`
}

function foreseen(report: RunReport): string {
  const rows = comparison(report)
  if (rows.length === 0) return ''
  const basis = report.predicted?.basis
  const bars = rows.map(({ what, foreseen: before, came, amounts }) => {
    const most = Math.max(...amounts) || 1
    const bar = (amount: number, kind: string, text: string) =>
      `<div class="measure"><span>${kind}</span><svg width="100%" height="10" aria-hidden="true"><rect class="${kind}" width="${percent(amount / most)}" height="10" rx="3"/></svg><b>${escapeHtml(text)}</b></div>`
    return `<div class="compare"><h3>${what}</h3>${bar(amounts[0], 'predicted', before)}${bar(amounts[1], 'actual', came)}</div>`
  })
  return `<section><h2>Prediction and outcome</h2><div class="compares">${bars.join('')}</div>${basis ? `<p class="note">Basis: ${escapeHtml(basis)}.</p>` : ''}</section>`
}

function percent(part: number): string {
  return `${Math.round(part * 1000) / 10}%`
}
