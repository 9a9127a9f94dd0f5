import { type Action, countActions, type Plan } from '../../core/plan.ts'
import { formatBytes } from '../../core/units.ts'
import type { Concern } from './concerns.ts'
import { bytesOf } from './machine-groups.ts'

const shownActions: readonly Action[] = [
  'create',
  'update',
  'replace',
  'resume',
  'destroy',
  'forget',
  'blocked',
  'noop',
]
const words: Partial<Readonly<Record<Action, string>>> = { blocked: 'cannot be planned', noop: 'unchanged' }

/** Machines by action, with what is read and written and how many of them are to be looked at first. */
export function summaryTable(plan: Plan, concerns: readonly Concern[]): string {
  const concerned = new Set(concerns.flatMap(({ machine }) => machine ?? []))
  const line = (word: string, machines: Plan['machines']) => {
    const { reads, writes } = bytesOf(machines)
    const risks = machines.filter(({ name }) => concerned.has(name)).length
    const figures = [machines.length, bytesCell(reads), bytesCell(writes), risks || '-']
    return `| ${[word, ...figures].join(' | ')} |`
  }
  const inTurn = plan.machines.filter(({ held }) => held === undefined)
  const held = plan.machines.filter((machine) => machine.held !== undefined)
  const counts = countActions(plan)
  return [
    '| | machines | reads | writes at most | at risk |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...shownActions
      .filter((action) => counts[action] > 0)
      .map((action) => {
        const own = inTurn.filter((machine) => machine.action === action)
        return line(words[action] ?? action, own)
      }),
    ...(held.length > 0 ? [line('held back', held)] : []),
    line('**all**', plan.machines),
  ].join('\n')
}

/** Bytes as a table has them: nothing is not `0 B`. */
export function bytesCell(bytes: number): string {
  return bytes === 0 ? '-' : formatBytes(bytes)
}
