import { addressOf } from '../core/address.ts'
import { changeText } from '../core/change-text.ts'
import { countDrift, type DriftFinding, type MachineDrift } from '../core/drift.ts'
import { formatCount } from '../core/units.ts'
import { codeSpan, hiddenMarker } from './review/inert.ts'
import { withinBytes } from './review/within-bytes.ts'

const shownChanges = 10
const pathCharacters = 200

/**
 * Drift as the body of a comment or an issue, in GitHub flavoured Markdown: a line that counts, then a table of what is not as it
 * was, what is suspended, and what is approved. `maxBytes` at most.
 */
export function driftMarkdown(workspace: string, machines: readonly MachineDrift[], maxBytes: number): string {
  const { Synced, OutOfSync, Missing, Unknown } = countDrift(machines)
  const counts = `${Synced} in sync, ${OutOfSync} out of sync, ${Missing} missing, ${Unknown} unknown`
  const head = [
    hiddenMarker('drift', workspace),
    `## h2k drift of ${codeSpan(workspace)}: ${formatCount(machines.length, 'machine')}, ${counts}`,
  ].join('\n')
  const told = machines.filter(({ status, suspended, approval }) => status !== 'Synced' || (suspended ?? approval))
  const items = told.map((machine) => ({ text: rowOf(machine), what: 'rows of machines', count: 1 }))
  const open = '\n| machine | status | health | what is other |\n| --- | --- | --- | --- |'
  return withinBytes(head, [{ open, items, close: '' }], maxBytes, (left) => {
    return `\n> **Cut at ${maxBytes} bytes.** Left out: ${left.join(', ')}. \`h2k drift\` shows them.`
  })
}

function rowOf({ name, status, health, findings, suspended, approval }: MachineDrift): string {
  const what = [
    ...findings.filter((finding) => finding.status !== 'Synced').map(findingMarkdown),
    ...(suspended === undefined ? [] : [codeSpan(suspended, pathCharacters)]),
    ...(approval ? [approvalMarkdown(approval)] : []),
  ]
  return `| ${codeSpan(addressOf(name))} | ${status} | ${health} | ${what.join('<br>')} |`
}

function findingMarkdown({ kind, subject, detail, changes = [], problem }: DriftFinding): string {
  const what = problem ? `cannot be looked at: ${problem.summary}` : (detail ?? '')
  const shown = changes.slice(0, shownChanges).map((change) => codeSpan(changeText(change), pathCharacters))
  const rest = changes.length > shownChanges ? [`and ${changes.length - shownChanges} more`] : []
  const fields = changes.length > 0 ? [...shown, ...rest] : [codeSpan(what, pathCharacters)]
  return `${kind} ${codeSpan(subject, pathCharacters)}: ${fields.join('<br>')}`
}

function approvalMarkdown({ by, until }: NonNullable<MachineDrift['approval']>): string {
  return `cutover approved by ${codeSpan(by)}${until === undefined ? '' : ` until ${codeSpan(until)}`}`
}
