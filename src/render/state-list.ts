import { addressOf } from '../core/address.ts'
import type { ApprovalStanding } from '../core/approval.ts'
import { cutOver, deedOutput } from '../core/deeds.ts'
import { printable } from '../core/printable.ts'
import type { HistoryEntry, LockHolder, MachineRecord, RunRecord } from '../core/record.ts'
import { stageNames } from '../core/stage-names.ts'
import { formatBytes, formatCount, formatSeconds } from '../core/units.ts'
import { approvalText } from './approval-text.ts'
import { table } from './table.ts'

export interface MachineRow {
  readonly address: string
  /** `published`, `convert failed`, `convert started`, `forgotten` … */
  readonly standing: string
  readonly at: string
  readonly file: string
}

/** A machine in one line: how far it came. */
export function machineRow(machine: MachineRecord): MachineRow {
  const stages = stageNames.flatMap((name) => machine.stages.get(name) ?? [])
  const open = stages.find(({ status }) => status !== 'done')
  const last = open ?? stages.at(-1)
  return {
    address: addressOf(machine.name),
    standing: machine.forgottenAt
      ? 'forgotten'
      : (handover(machine) ?? (last ? `${last.stage} ${last.status}` : 'nothing done')),
    at: machine.forgottenAt ?? last?.finishedAt ?? last?.startedAt ?? '',
    file: printable(machine.file),
  }
}

function handover(machine: MachineRecord): string | undefined {
  const cutover = machine.deeds.get('cutover')
  if (cutOver(machine)) return 'cut over'
  if (!cutover || cutover.status === 'done') return undefined
  return deedOutput(machine, 'rollback')?.of === cutover.attempt ? undefined : `cutover ${cutover.status}`
}

export function machinesText(rows: readonly MachineRow[]): string {
  if (rows.length === 0) return 'The state knows no machine.'
  return table(rows.map(({ address, standing, at, file }) => [address, standing, at, file]))
}

/** The newest events first. */
export function historyText(entries: readonly HistoryEntry[]): string {
  if (entries.length === 0) return 'Nothing has happened yet.'
  return table(
    entries.map(({ at, machine, stage, event, attempt, seconds, runId, message }) => [
      at,
      addressOf(machine, stage),
      event,
      attempt === undefined ? '' : `attempt ${attempt}`,
      seconds === undefined ? '' : formatSeconds(seconds),
      runId,
      message ? printable(message) : '',
    ]),
  )
}

/** What runs now, and how the latest run went. */
export function statusText(
  holders: readonly LockHolder[],
  machines: readonly MachineRecord[],
  latest: RunRecord | undefined,
  approvals: ReadonlyMap<string, ApprovalStanding>,
): string {
  const running = machines.flatMap(({ name, stages }) =>
    [...stages.values()]
      .filter(({ status }) => status === 'started' && holders.some(({ machine, alive }) => alive && machine === name))
      .map(({ stage, bytes, bytesDone, startedAt }) => {
        const share = bytes > 0 ? `${Math.floor((bytesDone / bytes) * 100)} % of ${formatBytes(bytes)}` : ''
        return [addressOf(name, stage), share, `since ${startedAt}`]
      }),
  )
  const byToken = new Map(holders.map((holder) => [holder.token, holder]))
  const standings = new Map<string, number>()
  for (const machine of machines) {
    const { standing } = machineRow(machine)
    standings.set(standing, (standings.get(standing) ?? 0) + 1)
  }
  return [
    ...[...byToken.values()].map((holder) => {
      const count = holders.filter(({ token }) => token === holder.token).length
      const standing = holder.alive ? 'running' : 'gone, the next apply takes over'
      return `${standing}: ${holder.command} by ${holder.who}, pid ${holder.pid} on ${holder.host}, ${count} machine(s) since ${holder.since}`
    }),
    ...(running.length > 0 ? [table(running)] : []),
    ...(holders.some(({ alive }) => alive) ? [] : ['nothing runs']),
    ...(latest ? [`latest run: ${latest.id}, ${latest.command} by ${latest.who}, ${endOf(latest)}`] : ['no run yet']),
    ...[...standings].sort().map(([standing, count]) => `  ${count} x ${standing}`),
    ...approvalLines(approvals),
  ].join('\n')
}

const shownApprovals = 20

function approvalLines(approvals: ReadonlyMap<string, ApprovalStanding>): readonly string[] {
  const lines = [...approvals].map(([name, approval]) => [addressOf(name), approvalText(approval)])
  const rest = lines.length - shownApprovals
  return [
    ...(lines.length > 0 ? [table(lines.slice(0, shownApprovals))] : []),
    ...(rest > 0 ? [`and ${formatCount(rest, 'machine')} more whose cutover needs an approval`] : []),
  ]
}

function endOf({ finishedAt, exitCode, startedAt }: RunRecord): string {
  if (finishedAt === undefined) return `begun ${startedAt}, not ended`
  return `ended ${finishedAt} ${exitCode === undefined ? 'without an exit code' : `with ${exitCode}`}`
}
