import { addressOf } from '../core/address.ts'
import { locate } from '../core/language/place-issues.ts'
import type { Plan } from '../core/plan.ts'
import type { Breach, PolicyFinding, PolicyRule, PolicyView } from '../core/policy/policy.ts'
import { policyRules } from '../core/policy/rules/table.ts'
import { createWaivers, hasEnded } from '../core/policy/waivers.ts'
import { printable } from '../core/printable.ts'
import type { Place, Problem } from '../core/problem.ts'
import type { StateStore } from '../ports/state.ts'
import { ownFindings } from './own-policies.ts'
import type { Survey } from './plan-workspace.ts'
import { policyView } from './policy-view.ts'
import type { Session } from './session.ts'

/** A plan with what the workspace's policy says of it. */
export interface JudgedPlan {
  readonly plan: Plan
  /** Waivers that have ended. */
  readonly ended: readonly Problem[]
}

/**
 * Asks the workspace's rules about a plan.
 * @throws ProblemError for a policy of the workspace that cannot be asked: it allows nothing
 */
export async function judgePlan(
  plan: Plan,
  survey: Pick<Survey, 'seen' | 'waves' | 'inWaves'>,
  session: Session,
  state: StateStore,
  signal: AbortSignal,
): Promise<JudgedPlan> {
  const { policy } = session.config
  if (!policy) return { plan, ended: [] }
  const now = session.clock.now()
  const view = policyView(plan, survey, state, session)
  const { placeOf, inConfig } = placesOf(survey, session)
  const found = [...builtIn(view, policy.rules ?? {}, placeOf), ...(await ownFindings(view, placeOf, session, signal))]
  const findings = waived(found, policy, now)
  const ended = (policy.waivers ?? []).flatMap((waiver, index) => {
    return hasEnded(waiver, now) ? [endedWaiver(waiver, inConfig('waivers', index))] : []
  })
  return { plan: findings.length > 0 ? { ...plan, policy: findings } : plan, ended }
}

const ofCutovers = ['unapproved_cutover', 'source_power_off_unapproved'] as const

/** Asks the built-in rules that are about cutovers about the one of a machine, whatever else the plan does with it. */
export function judgeCutover(
  name: string,
  plan: Plan,
  survey: Pick<Survey, 'seen' | 'waves' | 'inWaves'>,
  session: Session,
  state: StateStore,
): readonly PolicyFinding[] {
  const { policy } = session.config
  if (!policy) return []
  const view = policyView(plan, survey, state, session, (planned) => planned.name === name)
  const rules = Object.fromEntries(ofCutovers.map((rule) => [rule, policy.rules?.[rule]]))
  return waived(builtIn(view, rules, placesOf(survey, session).placeOf), policy, session.clock.now())
}

function placesOf({ seen }: Pick<Survey, 'seen'>, { files }: Session) {
  const subjects = new Map(seen.map(({ desired, subject }) => [desired.name, subject]))
  const content = files.read('h2k.yaml')
  const inConfig = (...path: (string | number)[]) => locate(content, 'h2k.yaml', ['policy', ...path])
  const placeOf = ({ machine, keys = [] }: Breach, ...path: (string | number)[]): Place => {
    const subject = machine === undefined ? undefined : subjects.get(machine)
    return subject?.said(keys) ?? inConfig(...path)
  }
  return { placeOf, inConfig }
}

function waived(found: readonly PolicyFinding[], { waivers = [] }: Policy, now: string): readonly PolicyFinding[] {
  const known = createWaivers(waivers, now)
  return found.map((finding): PolicyFinding => {
    const waiver = known.of(finding.rule, finding.machine)
    return waiver ? { ...finding, waiver } : finding
  })
}

type Policy = NonNullable<Session['config']['policy']>
type PlaceOf = (breach: Breach, ...path: (string | number)[]) => Place

function builtIn(view: PolicyView, rules: NonNullable<Policy['rules']>, placeOf: PlaceOf): readonly PolicyFinding[] {
  return Object.values(policyRules as Readonly<Record<string, PolicyRule>>).flatMap((rule) => {
    const setting = rules[rule.name]
    if (setting === undefined) return []
    const action = typeof setting === 'string' ? setting : (setting.action ?? 'deny')
    if (action === 'allow') return []
    return rule.look(view, setting).map((breach): PolicyFinding => {
      const { machine, field, evidence } = breach
      const at = placeOf(breach, 'rules', rule.name)
      return {
        rule: rule.name,
        action,
        ...(machine === undefined ? {} : { machine }),
        field,
        evidence,
        at,
        hint: rule.hint,
      }
    })
  })
}

function endedWaiver({ rule, by, until, machines }: NonNullable<Policy['waivers']>[number], at: Place): Problem {
  const of = machines === undefined ? '' : ` of ${machines.map((name) => addressOf(name)).join(', ')}`
  const summary = `the waiver of ${printable(rule)}${of} by ${printable(by)} has expired: it held until ${printable(until)}`
  return { severity: 'warning', code: 'KEY_USELESS', summary, hint: 'remove it, or have it renewed', at }
}
