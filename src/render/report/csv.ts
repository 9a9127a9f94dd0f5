import type { ReportedMachine, RunReport } from '../../core/language/run-report.ts'
import { printable } from '../../core/printable.ts'
import { toolsText } from './words.ts'

type Cell = string | number | null

const columns: Readonly<Record<string, (machine: ReportedMachine, run: RunReport['run']) => Cell>> = {
  run_id: (_, { id }) => id,
  machine: ({ machine }) => machine,
  address: ({ address }) => address,
  manifest: ({ manifest }) => manifest,
  wave: ({ wave }) => wave,
  action: ({ action }) => action,
  outcome: ({ outcome }) => outcome,
  why: ({ why = null }) => why,
  started_at: ({ started_at: at }) => at,
  finished_at: ({ finished_at: at }) => at,
  seconds: ({ seconds }) => seconds,
  predicted_seconds: ({ predicted }) => predicted?.seconds ?? null,
  worked_bytes: ({ worked_bytes: bytes }) => bytes,
  written_bytes: ({ written_bytes: bytes }) => bytes,
  predicted_write_bytes: ({ predicted }) => predicted?.write_bytes ?? null,
  bytes_per_second: ({ bytes_per_second: rate }) => rate,
  stages_completed: ({ attempts }) => attempts.flatMap(({ part, status }) => (status === 'done' ? part : [])).join(' '),
  disks: ({ disks }) => disks.map(({ id, path }) => `${id}=${path}`).join(' '),
  sha256: ({ disks }) => disks.map(({ id, sha256 }) => `${id}=${sha256}`).join(' '),
  domain_uuid: ({ domain }) => domain?.uuid ?? null,
  tools: ({ tools }) => toolsText(tools),
  approved_by: ({ approved }) => approved?.by ?? null,
}

/** One row a machine, as RFC 4180 has it. */
export function reportCsv({ run, machines }: RunReport): string {
  const rows = machines.map((machine) => Object.values(columns).map((cell) => cellText(cell(machine, run))))
  return [Object.keys(columns), ...rows].map((row) => `${row.join(',')}\r\n`).join('')
}

// A spreadsheet runs what begins like a formula: https://owasp.org/www-community/attacks/CSV_Injection
function cellText(cell: Cell): string {
  if (cell === null) return ''
  if (typeof cell === 'number') return String(cell)
  const text = /^[=+\-@\t\r\uff0b\uff0d\uff1d\uff20]/.test(cell) ? `'${printable(cell)}` : printable(cell)
  return /[",]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text
}
