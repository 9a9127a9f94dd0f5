import { printable } from '../core/printable.ts'
import { formatBytes, formatRate, formatSeconds } from '../core/units.ts'
import { eventLine, failureLine } from './event-line.ts'
import type { ActiveStage, Progress } from './progress-model.ts'
import { cutTo, fitTo, widthOf } from './width.ts'

/** What a terminal has room for. */
export interface ScreenSize {
  readonly columns: number
  readonly rows: number
}

/** A run as a terminal shows it: totals, then what runs, then what failed last. At most `rows - 1` lines. */
export function progressScreen(progress: Progress, { columns, rows }: ScreenSize): string[] {
  const room = Math.max(0, rows - 2)
  const failures = progress.failures.slice(-Math.max(1, Math.floor(room / 3)))
  const lines = [
    totalsLine(progress),
    ...activeLines(progress.active, room - failures.length, progress.elapsed, columns),
    ...failures.map(failureLine),
  ]
  return lines.slice(0, Math.max(0, rows - 1)).map((line) => cutTo(line, columns))
}

/** What stays on the terminal when the run has ended, however it did; nothing when it did not even begin. */
export function progressSummary(progress: Progress): string[] {
  // Once it has stopped, nothing is left to wait for.
  const { summary, failures, earlierFailures, eta: _, ...stopped } = progress
  if (!summary && progress.machines.total === 0) return []
  return [
    (summary && eventLine(summary)) ?? `stopped: ${totalsLine(stopped)}`,
    ...(earlierFailures > 0 ? [`… ${earlierFailures} failed before these:`] : []),
    ...failures.map(failureLine),
  ]
}

type Totals = Pick<Progress, 'wave' | 'machines' | 'bytes' | 'rate' | 'eta' | 'elapsed'>

function totalsLine({ wave, machines, bytes, rate, eta, elapsed }: Totals): string {
  const failed = machines.failed > 0 ? `, ${machines.failed} failed` : ''
  const interrupted = machines.interrupted > 0 ? `, ${machines.interrupted} interrupted` : ''
  return [
    ...(wave === undefined ? [] : [`wave ${printable(wave)}`]),
    `${machines.done}/${machines.total} machines done${failed}${interrupted}`,
    ...(bytes.total > 0 ? [`${formatBytes(bytes.done)} of ${formatBytes(bytes.total)}`] : []),
    ...(rate !== undefined && bytes.total > 0 ? [formatRate(rate)] : []),
    ...(eta === undefined ? [] : [`ETA ${formatSeconds(Math.round(eta))}`]),
    `elapsed ${formatSeconds(Math.floor(elapsed))}`,
  ].join(' · ')
}

function activeLines(active: readonly ActiveStage[], room: number, now: number, columns: number): string[] {
  const shown = active.length <= room ? active : active.slice(0, Math.max(0, room - 1))
  const cells = columns >= 100 ? wideCells : columns >= 76 ? narrowCells : [percent]
  const widest = shown.reduce((width, { address, stage }) => Math.max(width, widthOf(`${address}/${stage}`)), 0)
  const width = Math.min(
    widest,
    Math.max(12, columns - cells.reduce((sum, cell) => sum + gap.length + cell.columns, 0)),
  )
  const lines = shown.map((stage) => activeLine(stage, width, cells, now))
  return shown.length < active.length && room > 0 ? [...lines, `… and ${active.length - shown.length} more`] : lines
}

function activeLine(stage: ActiveStage, width: number, cells: readonly Cell[], now: number): string {
  const suffix = `/${stage.stage}`
  const address = fitTo(cutTo(stage.address, width - suffix.length) + suffix, width)
  if (stage.total === 0) return [address, formatSeconds(Math.floor(now - stage.startedAt))].join(gap)
  return [address, ...cells.map(({ columns, text }) => text(stage).padStart(columns))].join(gap).trimEnd()
}

interface Cell {
  readonly columns: number
  text(stage: ActiveStage): string
}

const gap = '  '
const barColumns = 10

const bar: Cell = {
  columns: barColumns + 2,
  text(stage) {
    const full = Math.floor(fractionOf(stage) * barColumns)
    return `[${'#'.repeat(full)}${'-'.repeat(barColumns - full)}]`
  },
}
const percent: Cell = { columns: 5, text: (stage) => `${Math.floor(fractionOf(stage) * 100)} %` }
const bytesOfTotal: Cell = { columns: 22, text: ({ bytes, total }) => `${formatBytes(bytes)} of ${formatBytes(total)}` }
const totalOnly: Cell = { columns: 12, text: ({ total }) => `of ${formatBytes(total)}` }
const rate: Cell = { columns: 11, text: (stage) => (stage.rate > 0 ? formatRate(stage.rate) : '') }
const eta: Cell = {
  columns: 15,
  text: (stage) => (stage.eta === undefined ? '' : `ETA ${formatSeconds(Math.round(stage.eta))}`),
}
const wideCells = [bar, percent, bytesOfTotal, rate, eta]
const narrowCells = [percent, totalOnly, rate, eta]

function fractionOf({ bytes, total }: ActiveStage): number {
  return Math.min(1, Math.max(0, bytes / total))
}
