import { addressOf } from '../core/address.ts'
import { changeText } from '../core/change-text.ts'
import { countDrift, type DriftFinding, type MachineDrift } from '../core/drift.ts'
import { formatCount } from '../core/units.ts'
import { inertCode } from './inert-markdown.ts'

// A comment of GitHub takes 65,536 characters.
const mostCharacters = 60_000
const shownChanges = 10

/** Drift for a comment or an issue: a line that counts, then a table of what is not as it was. */
export function driftMarkdown(machines: readonly MachineDrift[]): string {
  const { Synced, OutOfSync, Missing, Unknown } = countDrift(machines)
  const counts = `${Synced} in sync, ${OutOfSync} out of sync, ${Missing} missing, ${Unknown} unknown`
  // By it a bot finds its own comment again.
  const head = ['<!-- h2k drift -->', `### Drift: ${formatCount(machines.length, 'machine')}, ${counts}`]
  const rows = machines
    .filter(({ status, suspended, approval }) => (status !== 'Synced' || suspended) ?? approval)
    .map(rowOf)
  if (rows.length === 0) return [...head, ''].join('\n')
  const shown: string[] = []
  let length = 0
  for (const row of rows) {
    length += row.length + 1
    if (length > mostCharacters) break
    shown.push(row)
  }
  const rest = rows.length - shown.length
  const cut = rest > 0 ? ['', `${formatCount(rest, 'machine')} more: \`h2k drift\` shows them all.`] : []
  return [
    ...head,
    '',
    '| machine | status | health | what is other |',
    '| --- | --- | --- | --- |',
    ...shown,
    ...cut,
    '',
  ].join('\n')
}

function rowOf({ name, status, health, findings, suspended, approval }: MachineDrift): string {
  const what = [
    ...findings.filter((finding) => finding.status !== 'Synced').map(findingMarkdown),
    ...(suspended === undefined ? [] : [inertCode(suspended)]),
    ...(approval
      ? [
          `approved by ${inertCode(approval.by)}${approval.until === undefined ? '' : ` until ${inertCode(approval.until)}`}`,
        ]
      : []),
  ]
  return `| ${inertCode(addressOf(name))} | ${status} | ${health} | ${what.join('<br>')} |`
}

function findingMarkdown({ kind, subject, detail, changes = [], problem }: DriftFinding): string {
  const what = problem ? `cannot be looked at: ${problem.summary}` : (detail ?? '')
  const shown = changes.slice(0, shownChanges).map((change) => inertCode(changeText(change)))
  const rest = changes.length > shownChanges ? [`and ${changes.length - shownChanges} more`] : []
  const fields = changes.length > 0 ? [...shown, ...rest] : [inertCode(what)]
  return `${kind} ${inertCode(subject)}: ${fields.join('<br>')}`
}
