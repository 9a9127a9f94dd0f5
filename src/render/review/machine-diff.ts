import { addressOf } from '../../core/address.ts'
import type { FieldChange } from '../../core/diff.ts'
import type { Json } from '../../core/json.ts'
import type { PlannedMachine, PlannedStage } from '../../core/plan.ts'
import { printable, printableSentence } from '../../core/printable.ts'
import { shownValue } from '../../core/relocate.ts'
import { formatBytes } from '../../core/units.ts'
import { decisionText } from '../decision-text.ts'
import { placeText, problemText } from '../problem-text.ts'

const shownLines = 200
const shownCharacters = 200

/**
 * What would happen to a machine, as lines of a diff: `@@` names a stage whose input changed, `-` and `+` its fields, `!` what a
 * reviewer has to know.
 */
export function machineDiff(machine: PlannedMachine): readonly string[] {
  const { held, stages, removals = [], onRemove, notes, notApplied, problems } = machine
  const lines = [
    ...problems.flatMap((problem) => problemText(problem).split('\n').map(attention)),
    ...(held ? [attention(`waits: ${held.why}`)] : []),
    ...notes.map(attention),
    ...(notApplied.length > 0 ? [attention(`not applied by this version: ${notApplied.join(', ')}`)] : []),
    ...stages.flatMap((stage) => stageDiff(machine.name, stage)),
    ...(onRemove ? [`- on_remove: ${onRemove.from}`, `+ on_remove: ${onRemove.to}`] : []),
    ...removals.map(({ path, standing, bytes }) => `- ${printable(path)} (${formatBytes(bytes)}, ${standing})`),
  ].map((line) => cut(line, shownCharacters * 2))
  return lines.length <= shownLines
    ? lines
    : [...lines.slice(0, shownLines), `  and ${lines.length - shownLines} lines more`]
}

function attention(text: string): string {
  return `! ${printableSentence(text)}`
}

function stageDiff(machine: string, { stage, does, decision }: PlannedStage): readonly string[] {
  if (!decision.run) return []
  const [first = '', ...rest] = does.split('\n').map(printableSentence)
  if (decision.why === 'changed' && decision.changes.length > 0) {
    const more = [first, ...rest].map((line) => `  ${line}`)
    return [`@@ ${addressOf(machine, stage)} @@`, ...decision.changes.flatMap(fieldDiff), ...more]
  }
  const mark = decision.why === 'first' ? '+' : ' '
  const why = decisionText(decision).map((line) => `${decision.why === 'upstream' ? ' ' : '!'}   ${line}`)
  return [`${mark} ${stage}: ${first}`, ...rest.map((line) => `${mark}   ${line}`), ...why]
}

function fieldDiff({ path, from, to, at }: FieldChange): readonly string[] {
  const place = at ? `  (${placeText(at)})` : ''
  const line = (mark: string, json: Json) => `${mark} ${printable(path)}: ${valueText(json)}`
  return [...(from === undefined ? [] : [line('-', from)]), ...(to === undefined ? [] : [`${line('+', to)}${place}`])]
}

function valueText(json: Json): string {
  return cut(printable(JSON.stringify(shownValue(json))), shownCharacters)
}

function cut(text: string, characters: number): string {
  return text.length <= characters ? text : `${text.slice(0, characters).toWellFormed()}…`
}
