import type { ReportedAttempt, ReportedMachine, RunReport } from '../../../core/language/run-report.ts'
import { deedNames, stageNames } from '../../../core/stage-names.ts'
import { formatSeconds } from '../../../core/units.ts'
import { escapeHtml } from './escape.ts'
import { anchorOf } from './machines.ts'

// Narrower would not be seen.
const narrowest = 0.4
const many = 40
const ticks = [0, 0.25, 0.5, 0.75, 1] as const

/** When each stage of each machine ran: a lane a machine, wave by wave. */
export function timeline({ machines, run, actual, waves }: RunReport): string {
  const lanes = machines
    .map((machine, index) => ({ machine, index }))
    .filter(({ machine }) => machine.attempts.length > 0)
  if (lanes.length === 0 || actual.seconds === 0) return ''
  const begun = Date.parse(run.started_at)
  const scale: Scale = (iso, seconds) => ({
    from: clamp(((Date.parse(iso) - begun) / 1000 / actual.seconds) * 100),
    width: clamp((seconds / actual.seconds) * 100),
  })
  const byWave = Map.groupBy(lanes, ({ machine }) => machine.wave)
  const groups = [...byWave].map(([wave, own]) => {
    const title = waves.length === 0 ? '' : `<h3>${wave === null ? 'in no wave' : escapeHtml(wave)}</h3>`
    return title + own.map(({ machine, index }) => lane(machine, index, scale)).join('')
  })
  const used = new Set(machines.flatMap(({ attempts }) => attempts.map(({ part }) => part)))
  return `<section><h2>Timeline</h2>${legend(used)}<div class="gantt${lanes.length > many ? ' tall' : ''}" tabindex="0" role="group" aria-label="Stages over time">${axis(actual.seconds)}${groups.join('')}</div></section>`
}

type Scale = (iso: string, seconds: number) => { readonly from: number; readonly width: number }

function lane({ machine, attempts, outcome }: ReportedMachine, index: number, scale: Scale): string {
  const lines = ticks.map((at) => `<line x1="${at * 100}%" x2="${at * 100}%" y2="100%"/>`).join('')
  const bars = attempts.map((attempt) => bar(attempt, scale)).join('')
  return `<a class="lane" href="#${anchorOf(index)}"><span class="${outcome}">${escapeHtml(machine)}</span><svg width="100%" height="16" role="img" aria-label="${escapeHtml(attempts.map(barTitle).join('; '))}">${lines}${bars}</svg></a>`
}

function bar(attempt: ReportedAttempt, scale: Scale): string {
  const { from, width } = scale(attempt.started_at, attempt.seconds)
  const wide = Math.max(narrowest, width)
  const wrong = attempt.status === 'done' || attempt.status === 'running' ? '' : ' wrong'
  return `<rect class="${attempt.part}${wrong}" x="${hundredths(Math.min(from, 100 - wide))}%" y="2" width="${hundredths(wide)}%" height="12" rx="2"><title>${escapeHtml(barTitle(attempt))}</title></rect>`
}

function barTitle({ part, status, seconds }: ReportedAttempt): string {
  return `${part} ${status}, ${formatSeconds(seconds)}`
}

function axis(seconds: number): string {
  const labels = ticks.map((at) => {
    const anchor = at === 0 ? 'start' : at === 1 ? 'end' : 'middle'
    const between = at === 0.25 || at === 0.75 ? ' class="between"' : ''
    return `<text${between} x="${at * 100}%" y="11" text-anchor="${anchor}">${at === 0 ? '0' : formatSeconds(at * seconds)}</text>`
  })
  return `<div class="axis"><span></span><svg width="100%" height="16" aria-hidden="true">${labels.join('')}</svg></div>`
}

function legend(used: ReadonlySet<string>): string {
  const items = [...stageNames, ...deedNames]
    .filter((part) => used.has(part))
    .map(
      (part) =>
        `<li><svg width="12" height="12" aria-hidden="true"><rect class="${part}" width="12" height="12" rx="2"/></svg>${part}</li>`,
    )
  return `<ul class="legend">${items.join('')}</ul>`
}

function clamp(percent: number): number {
  return Math.min(100, Math.max(0, percent))
}

function hundredths(percent: number): number {
  return Math.round(percent * 100) / 100
}
