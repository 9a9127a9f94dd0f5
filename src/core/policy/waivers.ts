import { globMatcher } from '../glob.ts'
import type { Issue } from '../language/check.ts'
import type { PolicyConfig } from '../language/policy.ts'
import { nearest } from '../nearest.ts'
import { printable } from '../printable.ts'
import type { PolicyFinding } from './policy.ts'
import { policyRules } from './rules/table.ts'

type Waiver = NonNullable<PolicyConfig['waivers']>[number]

/** Finds the waiver for a finding: one that holds, else one that has ended. `now` is ISO 8601. */
export function createWaivers(waivers: readonly Waiver[], now: string) {
  const known = waivers.map((waiver) => ({ waiver, matches: matcherOf(waiver), expired: hasEnded(waiver, now) }))
  return {
    of(rule: string, machine: string | undefined): PolicyFinding['waiver'] {
      const fitting = known.filter(({ waiver, matches }) => waiver.rule === rule && matches(machine))
      const found = fitting.find(({ expired }) => !expired) ?? fitting.at(-1)
      if (!found) return undefined
      const { by, reason, until } = found.waiver
      return { by, reason, until, expired: found.expired }
    },
  }
}

/** Whether a waiver no longer holds. A date begins at midnight UTC. */
export function hasEnded({ until }: Pick<Waiver, 'until'>, now: string): boolean {
  return Date.parse(until) <= Date.parse(now)
}

function matcherOf({ machines }: Waiver): (machine: string | undefined) => boolean {
  if (machines === undefined) return () => true
  const matchers = machines.map((pattern) => globMatcher(pattern.replace(/^machine\./, '')))
  return (machine) => machine !== undefined && matchers.some((matches) => matches(machine))
}

/** What is wrong with a policy that its keys alone do not show. */
export function policyIssues({
  waivers = [],
  commands = [],
  plan_schemas: schemas = [],
}: PolicyConfig): readonly Issue[] {
  const rules = Object.keys(policyRules)
  const names = commands.map(({ name }) => name)
  const taken = commands.flatMap(({ name }, index): Issue[] => {
    if (names.indexOf(name) === index && !rules.includes(name)) return []
    const summary = `there is a rule "${printable(name)}" already`
    return [
      { code: 'NAME_DUPLICATE', path: ['policy', 'commands', index, 'name'], summary, hint: 'give it another name' },
    ]
  })
  const known = [...rules, ...names, ...schemas]
  const unknown = waivers.flatMap(({ rule }, index): Issue[] => {
    if (known.includes(rule)) return []
    const near = nearest(rule, known)
    const hint = near === undefined ? `there are: ${known.join(', ')}` : `did you mean "${near}"?`
    const summary = `there is no rule "${printable(rule)}" to waive`
    return [{ code: 'VALUE_INVALID', path: ['policy', 'waivers', index, 'rule'], summary, hint }]
  })
  return [...taken, ...unknown]
}
