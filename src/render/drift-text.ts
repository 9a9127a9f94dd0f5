import { addressOf } from '../core/address.ts'
import { countDrift, type DriftFinding, type DriftStatus, type Health, type MachineDrift } from '../core/drift.ts'
import { printable, printableSentence } from '../core/printable.ts'
import { formatCount } from '../core/units.ts'
import { approvalText } from './approval-text.ts'
import { type Style, styled } from './style.ts'

const styles: Readonly<Record<DriftStatus, Style>> = {
  Synced: 'green',
  OutOfSync: 'yellow',
  Missing: 'red',
  Unknown: 'red',
}

const healthStyles: Readonly<Record<Health, Style>> = {
  Healthy: 'green',
  Progressing: 'cyan',
  Degraded: 'red',
  Suspended: 'dim',
}

/** Each machine with what is not as it was, and a line that counts. */
export function driftText(machines: readonly MachineDrift[], color: boolean): string {
  const paint = styled(color)
  const width = Math.max(0, ...machines.map(({ name }) => addressOf(name).length))
  const lines = machines.flatMap(({ name, status, health, findings, suspended, approval }) => [
    `${addressOf(name).padEnd(width)}  ${paint(styles[status], status)}  ${paint(healthStyles[health], health)}`,
    ...(suspended === undefined ? [] : [`  ${printableSentence(suspended)}`]),
    ...(approval ? [`  ${approvalText({ standing: 'given', ...approval })}`] : []),
    ...findings.filter((finding) => finding.status !== 'Synced').map((finding) => `  ${findingText(finding)}`),
  ])
  const counts = countDrift(machines)
  const summary = `${formatCount(machines.length, 'machine')}: ${counts.Synced} in sync, ${counts.OutOfSync} out of sync, ${counts.Missing} missing, ${counts.Unknown} unknown.`
  return [...lines, ...(lines.length > 0 ? [''] : []), summary].join('\n')
}

function findingText({ kind, subject, detail, problem }: DriftFinding): string {
  return `${kind} ${printable(subject)}: ${problem ? `cannot be looked at: ${problem.summary}` : (detail ?? '')}`
}
