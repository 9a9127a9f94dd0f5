import type { RunReport } from '../../../core/language/run-report.ts'
import { escapeHtml, escapeLines } from './escape.ts'
import { anchorOf } from './machines.ts'

const opened = 3
const unfolded = 12

/** What failed, and what the logs say of it at their end. */
export function failures({ machines }: RunReport): string {
  const failed = machines
    .map((machine, index) => ({ ...machine, index }))
    .filter(({ outcome }) => outcome === 'failed' || outcome === 'blocked')
  if (failed.length === 0) return ''
  const items = failed.map(({ machine, why = '', log, index }, at) => {
    const title = `<a href="#${anchorOf(index)}">${escapeHtml(machine)}</a> <span>${escapeHtml(why)}</span>`
    if (log === '') return `<div class="failure"><p>${title}</p></div>`
    return `<details class="failure"${at < opened ? ' open' : ''}><summary>${title}</summary><pre tabindex="0">${escapeLines(log)}</pre></details>`
  })
  const rest = items.slice(unfolded)
  const more =
    rest.length === 0 ? '' : `<details class="more"><summary>${rest.length} more</summary>${rest.join('')}</details>`
  return `<section><h2>Failures</h2>${items.slice(0, unfolded).join('')}${more}</section>`
}
