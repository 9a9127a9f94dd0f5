import { addressOf } from '../core/address.ts'
import {
  type Action,
  acts,
  countActions,
  countNotApplied,
  type Plan,
  type PlannedMachine,
  type PlannedStage,
  type PlannedWave,
} from '../core/plan.ts'
import { printable } from '../core/printable.ts'
import { formatBytes, formatCount, formatSeconds } from '../core/units.ts'
import { approvalText } from './approval-text.ts'
import { decisionText } from './decision-text.ts'
import { policyLines } from './policy-text.ts'
import { problemText } from './problem-text.ts'
import { type Style, styled } from './style.ts'

export const headlines: Readonly<Record<Action, string>> = {
  noop: 'is as git says',
  create: 'will be created',
  update: 'will be updated in place',
  replace: 'will be replaced: what changed of its disks is copied again',
  resume: 'will be resumed',
  forget: 'is no longer in git and will be forgotten (its domain and disks stay)',
  destroy: 'will be destroyed: what h2k made for it is removed, its source stays',
  blocked: 'cannot be planned',
}

const symbols: Readonly<Record<Action, { readonly mark: string; readonly style: Style }>> = {
  create: { mark: '+', style: 'green' },
  update: { mark: '~', style: 'yellow' },
  replace: { mark: '-/+', style: 'yellow' },
  resume: { mark: '>', style: 'cyan' },
  forget: { mark: '.', style: 'dim' },
  destroy: { mark: '-', style: 'red' },
  blocked: { mark: '!', style: 'red' },
  noop: { mark: '=', style: 'dim' },
}

/** A plan as a reviewer reads it. Unchanged machines are counted, not shown. */
export function planText(plan: Plan, color: boolean): string {
  const paint = styled(color)
  const title = `${plan.workspace} · ${formatCount(plan.machines.length, 'machine')} · state serial ${plan.serial}`
  return [
    title,
    '',
    ...machinesLines(plan, paint),
    ...summaryLines(plan),
    ...unchangedLines(plan, paint),
    ...policyLines(plan.policy ?? [], paint),
  ].join('\n')
}

/** What those machines ask for in vain that have no lines of their own. */
function unchangedLines({ machines }: Plan, paint: Paint): string[] {
  return countNotApplied(machines.filter((machine) => !isShown(machine))).map(({ what, machines: count }) => {
    const of = `of ${formatCount(count, 'unchanged machine')}`
    return paint('yellow', `not applied by this version: ${printable(what)} ${of}`)
  })
}

/** Unchanged machines are counted only. */
function isShown({ action, held }: PlannedMachine): boolean {
  return action !== 'noop' || held !== undefined
}

function machinesLines({ machines, waves = [] }: Plan, paint: Paint): string[] {
  const shown = machines.filter((machine) => isShown(machine) || machine.cutOverAt !== undefined || machine.approval)
  const lines = (wave: string | undefined) =>
    shown.filter((machine) => machine.wave === wave).flatMap((machine) => machineLines(machine, paint))
  return [
    ...waves.flatMap((wave) => {
      const own = lines(wave.name)
      return own.length === 0 ? [] : [paint('bold', waveLine(wave)), '', ...own]
    }),
    ...lines(undefined),
  ]
}

const pauses = { continue: '', pause: 'apply pauses after it', pause_on_failure: 'apply pauses after it on a failure' }

function waveLine({ name, pauseAfter, machines, window }: PlannedWave): string {
  return [
    `wave ${printable(name)}`,
    formatCount(machines, 'machine'),
    ...(pauses[pauseAfter] ? [pauses[pauseAfter]] : []),
    ...(window === undefined ? [] : [`begins ${printable(window)}`]),
  ].join(' · ')
}

type Paint = ReturnType<typeof styled>

function machineLines(machine: PlannedMachine, paint: Paint): string[] {
  const { action, held } = machine
  const about = cutoverLine(machine, paint)
  if (!isShown(machine)) return about
  const { mark, style } = symbols[held?.by === 'suspended' ? 'noop' : action]
  const head = `${addressOf(machine.name)} ${held?.by === 'suspended' ? held.why : headlines[action]}`
  const place = `${printable(machine.file)}:1`
  const width = Math.max(...machine.stages.map(({ stage }) => stage.length), 0)
  return [
    `${paint(style, mark)} ${paint('bold', head)}${' '.repeat(Math.max(2, 90 - head.length - mark.length))}${paint('dim', place)}`,
    ...about,
    ...heldLines(machine, paint),
    ...machine.stages.flatMap((stage) => stageLines(stage, width, action, paint)),
    ...(machine.options ? [`      ${paint('dim', `options: ${printable(machine.options.join(', '))}`)}`] : []),
    ...removalLines(machine, paint),
    ...(machine.notApplied.length > 0
      ? [`    ${paint('yellow', `not applied by this version: ${printable(machine.notApplied.join(', '))}`)}`]
      : []),
    ...machine.problems.flatMap((problem) =>
      problemText(problem)
        .split('\n')
        .map((line) => `    ${paint('red', line)}`),
    ),
    '',
  ]
}

function cutoverLine(machine: PlannedMachine, paint: Paint): string[] {
  const { name, cutOverAt, approval } = machine
  const text = cutOverAt === undefined ? approval && approvalText(approval) : `cut over at ${cutOverAt}`
  const lines = [text, downtimeText(machine)].filter((line) => line !== undefined)
  if (isShown(machine)) return lines.map((line) => `    ${paint('yellow', line)}`)
  if (text === undefined) return []
  return [`${paint('dim', symbols.noop.mark)} ${addressOf(name)} ${headlines.noop}, ${lines.join('; ')}`, '']
}

function downtimeText({ downtime }: PlannedMachine): string | undefined {
  return downtime && `its cutover: about ${formatSeconds(downtime.seconds)} of downtime (${downtime.basis})`
}

function heldLines({ held }: PlannedMachine, paint: Paint): string[] {
  if (!held || held.by === 'suspended') return []
  const plain = held.by === 'dry_run' || held.by === 'dependency'
  return [`    ${paint('yellow', plain ? held.why : `waits: ${held.why}`)}`]
}

function stageLines({ stage, does, decision }: PlannedStage, width: number, action: Action, paint: Paint): string[] {
  const { mark, style } = symbols[action === 'replace' ? 'update' : action]
  const why = decisionText(decision)
  const [first = '', ...rest] = does.split('\n')
  return [
    `    ${paint(style, mark)} ${stage.padEnd(width)}  ${first}`,
    ...rest.map((line) => `      ${' '.repeat(width)}  ${line}`),
    ...why.map((line) => `      ${' '.repeat(width)}  ${paint('dim', line)}`),
  ]
}

function removalLines({ removals = [], onRemove, action }: PlannedMachine, paint: Paint): string[] {
  const { mark, style } = symbols[action]
  return [
    ...(onRemove ? [`    ${paint(style, mark)} on_remove  ${onRemove.from} -> ${onRemove.to}`] : []),
    ...removals.map(({ path, standing, bytes }) => {
      const what = standing === 'changed' ? paint('yellow', 'changed since h2k made it') : standing
      return `    ${paint('red', '-')} destroy  ${printable(path)} (${formatBytes(bytes)}, ${what})`
    }),
  ]
}

function sum(removals: readonly { readonly bytes: number }[]): number {
  return removals.reduce((total, { bytes }) => total + bytes, 0)
}

function summaryLines(plan: Plan): string[] {
  const { create, update, replace, resume, forget, destroy, noop, blocked, held, suspended } = countActions(plan)
  const waiting = [...(held > 0 ? [`${held} held back`] : []), ...(suspended > 0 ? [`${suspended} suspended`] : [])]
  if (create + update + replace + resume + forget + destroy + blocked + held === 0) {
    return [`No changes. ${[`${formatCount(noop, 'machine')} as git says`, ...waiting].join(', ')}.`]
  }
  const parts = [
    `${create} to create`,
    `${update} to update`,
    ...(replace > 0 ? [`${replace} to replace`] : []),
    `${resume} to resume`,
    `${destroy} to destroy`,
    ...(forget > 0 ? [`${forget} to forget`] : []),
    `${noop} unchanged`,
    ...waiting,
    ...(blocked > 0 ? [`${blocked} cannot be planned`] : []),
  ]
  return [`Plan: ${parts.join(', ')}.`, ...figures(plan)]
}

function figures({ machines, space, duration }: Plan): string[] {
  const active = machines.filter(acts)
  const reads = active.reduce((sum, { readBytes }) => sum + readBytes, 0)
  const writes = active.reduce((sum, { writeBytes }) => sum + writeBytes, 0)
  const risks = active.flatMap(({ name, notes }) => notes.map((note) => `${printable(name)} ${note}`))
  const removed = active.flatMap(({ removals = [] }) => removals).filter(({ standing }) => standing !== 'gone')
  const frees =
    removed.length > 0 ? [`Removes ${formatCount(removed.length, 'artifact')}, ${formatBytes(sum(removed))}.`] : []
  const time = duration ? [`about ${formatSeconds(duration.seconds)} (${duration.basis})`] : []
  if (writes === 0) {
    const nothing = removed.length > 0 ? frees : [['Copies nothing.', ...time].join(' · ')]
    return [...nothing, ...riskLine(risks)]
  }
  const free = space.map(({ freeBytes, path, overlayBytes = 0 }) => {
    const meanwhile = overlayBytes > 0 ? ` (and ${formatBytes(overlayBytes)} meanwhile)` : ''
    return `${formatBytes(freeBytes)} free at ${printable(path)}${meanwhile}`
  })
  const short = space.filter(({ neededBytes, freeBytes }) => neededBytes > freeBytes)
  return [
    [`Reads ${formatBytes(reads)}, writes at most ${formatBytes(writes)} of ${free.join(', ')}`, ...time].join(' · '),
    ...frees,
    ...riskLine(risks),
    ...short.map(
      ({ path, neededBytes, freeBytes }) =>
        `error SPACE_SHORT: ${printable(path)} needs ${formatBytes(neededBytes)} and has ${formatBytes(freeBytes)}`,
    ),
  ]
}

function riskLine(risks: readonly string[]): string[] {
  if (risks.length === 0) return []
  const rest = risks.length > 3 ? ', …' : ''
  return [`${formatCount(risks.length, 'risk')}: ${risks.slice(0, 3).join(', ')}${rest}`]
}
