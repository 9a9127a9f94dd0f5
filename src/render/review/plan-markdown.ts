import { addressOf } from '../../core/address.ts'
import { countActions, type Plan, type PlannedMachine } from '../../core/plan.ts'
import { formatBytes, formatCount, formatSeconds } from '../../core/units.ts'
import { approvalText } from '../approval-text.ts'
import { headlines } from '../plan-text.ts'
import { placeText } from '../problem-text.ts'
import { type Concern, type ConcernGroup, concernGroups, concernsOf } from './concerns.ts'
import { codeElement, codeSpan, fenced, hiddenMarker } from './inert.ts'
import { machineDiff } from './machine-diff.ts'
import { bytesOf, type MachineGroup, machineGroups } from './machine-groups.ts'
import { bytesCell, summaryTable } from './summary-table.ts'
import { type Item, type Section, withinBytes } from './within-bytes.ts'

const namesInTable = 5
const namesInLine = 40
const fieldsInTable = 3
const nameCharacters = 40

/**
 * A plan as the body of a comment on a pull request, in GitHub flavoured Markdown (https://github.github.com/gfm/): what to look
 * at first, every machine in a group, and the changes of each as a diff. The same plan gives the same bytes, `maxBytes` at most.
 * `whole`: the command that shows what did not fit.
 */
export function planMarkdown(plan: Plan, maxBytes: number, whole: string): string {
  const concerns = concernsOf(plan)
  const groups = machineGroups(plan)
  const sections = [
    concernTable(concernGroups(concerns)),
    groupTable(groups),
    approvalTable(plan),
    ...groups.map(names),
    changes(plan, concerns),
  ]
  return withinBytes(head(plan, concerns), sections, maxBytes, (left) => {
    const note = `> **Cut at ${maxBytes} bytes.** Left out: ${left.join(', ')}.`
    return `\n${note} The whole plan: ${codeSpan(whole, 500)}`
  })
}

function head(plan: Plan, concerns: readonly Concern[]): string {
  const counts = countActions(plan)
  const verbs = ['create', 'update', 'replace', 'resume', 'destroy', 'forget'] as const
  const parts = [
    ...verbs.filter((verb) => counts[verb] > 0).map((verb) => `${counts[verb]} to ${verb}`),
    ...(counts.held > 0 ? [`${counts.held} held back`] : []),
    ...(counts.blocked > 0 ? [`${counts.blocked} cannot be planned`] : []),
  ]
  return [
    hiddenMarker('plan', plan.workspace),
    `## h2k plan of ${codeSpan(plan.workspace)}: ${parts.length > 0 ? parts.join(', ') : 'no changes'}`,
    '',
    summaryTable(plan, concerns),
    '',
    figures(plan),
  ].join('\n')
}

/** What h2k does not know, it does not guess: there is no cost, and a downtime only where there is a basis for it. */
function figures({ duration, space, serial, machines }: Plan): string {
  const time = duration ? `about ${formatSeconds(duration.seconds)} (${codeSpan(duration.basis, 80)})` : '-'
  const spaces = space.map(({ path, neededBytes, freeBytes }) => {
    return `${formatBytes(neededBytes)} at ${codeSpan(path)}, ${neededBytes <= freeBytes ? 'fits' : '**does not fit**'}`
  })
  const shown = spaces.length > 4 ? [...spaces.slice(0, 4), `and ${spaces.length - 4} more`] : spaces
  return [
    `Time: ${time}`,
    `downtime: ${downtimeFigure(machines)}`,
    'cost: -',
    `space: ${shown.join('; ') || '-'}`,
    `state serial ${serial}`,
  ].join(' · ')
}

// Machines are cut over one by one: the longest is what one has to agree on.
function downtimeFigure(machines: Plan['machines']): string {
  const known = machines.flatMap(({ downtime }) => downtime ?? []).toSorted((a, b) => b.seconds - a.seconds)
  const [longest] = known
  if (!longest) return '-'
  const each = known.length === 1 ? 'of 1 machine' : `each of ${known.length} machines, at most`
  return `about ${formatSeconds(longest.seconds)} ${each} (${codeSpan(longest.basis, 80)})`
}

function concernTable(groups: readonly ConcernGroup[]): Section {
  const items = groups.map(({ text, machines, at }) => {
    const place = at ? ` at ${codeSpan(placeText(at), 80)}` : ''
    return row([codeSpan(text, 160), `${machines.length || '-'}`, `${someNames(machines)}${place}`])
  })
  return {
    open: '\n### Look at these first\n\n| why | machines | which |\n| --- | ---: | --- |',
    items: items.map((text) => ({ text, what: 'reasons to look at', count: 1 })),
    close: '',
  }
}

function groupTable(groups: readonly MachineGroup[]): Section {
  const items = groups.map(({ action, stages, wave, changes: fields, machines }) => {
    const { reads, writes } = bytesOf(machines)
    const shown = fields.slice(0, fieldsInTable).map((field) => codeSpan(field, 120))
    const changed = [...shown, ...(fields.length > shown.length ? [`and ${fields.length - shown.length} more`] : [])]
    const running = stages === '' ? '-' : codeSpan(stages)
    const runs = changed.length > 0 ? `${running}: ${changed.join(' ')}` : running
    const figures = [`${machines.length}`, bytesCell(reads), bytesCell(writes)]
    const names = machines.map(({ name }) => name)
    return row([action, runs, wave === undefined ? '-' : codeSpan(wave, 30), ...figures, someNames(names)])
  })
  return {
    open: '\n### All machines that change\n\n| what | runs | wave | machines | reads | writes at most | which |\n| --- | --- | --- | ---: | ---: | ---: | --- |',
    items: items.map((text) => ({ text, what: 'groups of machines', count: 1 })),
    close: '',
  }
}

/** What has to be approved before it is cut over, each standing once with its machines. */
function approvalTable({ machines }: Plan): Section {
  const standings = Map.groupBy(machines, ({ approval }) => (approval ? approvalText(approval) : undefined))
  const items = [...standings].flatMap(([text, own]) => {
    if (text === undefined) return []
    return row([codeSpan(text, 160), `${own.length}`, someNames(own.map(({ name }) => name))])
  })
  return {
    open: '\n### Approvals\n\n| cutover | machines | which |\n| --- | ---: | --- |',
    items: items.map((text) => ({ text, what: 'approvals', count: 1 })),
    close: '',
  }
}

/** The names of a group that has more than its line of the table holds. */
function names({ action, stages, wave, machines }: MachineGroup): Section {
  const all = machines.length > namesInTable ? machines.map(({ name }) => codeSpan(name, nameCharacters)) : []
  const lines = Array.from({ length: Math.ceil(all.length / namesInLine) }, (_, index): Item => {
    const line = all.slice(index * namesInLine, (index + 1) * namesInLine)
    return { text: line.join(' '), what: 'names', count: line.length }
  })
  const title = [formatCount(machines.length, 'machine'), action, stages || undefined, wave].filter(
    (part) => part !== undefined,
  )
  return {
    open: `\n<details><summary>${codeElement(title.join(' · '))}</summary>\n`,
    items: lines,
    close: '\n</details>',
  }
}

/** Each machine's changes, those with the gravest concerns first. */
function changes({ machines }: Plan, concerns: readonly Concern[]): Section {
  const rank = new Map<string, number>()
  for (const { machine, rank: own } of concerns) {
    if (machine !== undefined) rank.set(machine, Math.min(own, rank.get(machine) ?? own))
  }
  const shown = machines
    .filter(({ action, held }) => action !== 'noop' || held !== undefined)
    .toSorted((a, b) => (rank.get(a.name) ?? 99) - (rank.get(b.name) ?? 99))
  const items = shown.map((machine) => ({ text: machineDetails(machine), what: 'changes of machines', count: 1 }))
  return { open: '\n### Changes', items, close: '' }
}

function machineDetails(machine: PlannedMachine): string {
  const { name, action, held, file } = machine
  const headline = held && action === 'noop' ? codeElement(held.why) : headlines[action]
  const lines = machineDiff(machine)
  return [
    `\n<details><summary>${codeElement(addressOf(name), 80)} ${headline} · ${codeElement(file)}</summary>`,
    '',
    ...(lines.length > 0 ? [fenced('diff', lines), ''] : []),
    '</details>',
  ].join('\n')
}

function someNames(machines: readonly string[]): string {
  const shown = machines.slice(0, namesInTable).map((name) => codeSpan(name, nameCharacters))
  const rest = machines.length - shown.length
  return rest > 0 ? `${shown.join(' ')} and ${rest} more` : shown.join(' ')
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}
