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
  const subjects = new Map(survey.seen.map(({ desired, subject }) => [desired.name, subject]))
  const content = session.files.read('h2k.yaml')
  const inConfig = (...path: (string | number)[]) => locate(content, 'h2k.yaml', ['policy', ...path])
  const placeOf = ({ machine, keys = [] }: Breach, ...path: (string | number)[]): Place => {
    const subject = machine === undefined ? undefined : subjects.get(machine)
    return subject?.said(keys) ?? inConfig(...path)
  }
  const found = [...builtIn(view, policy.rules ?? {}, placeOf), ...(await ownFindings(view, placeOf, session, signal))]
  const waivers = createWaivers(policy.waivers ?? [], now)
  const findings = found.map((finding): PolicyFinding => {
    const waiver = waivers.of(finding.rule, finding.machine)
    return waiver ? { ...finding, waiver } : finding
  })
  const ended = (policy.waivers ?? []).flatMap((waiver, index) => {
    return hasEnded(waiver, now) ? [endedWaiver(waiver, inConfig('waivers', index))] : []
  })
  return { plan: findings.length > 0 ? { ...plan, policy: findings } : plan, ended }
}

type PlaceOf = (breach: Breach, ...path: (string | number)[]) => Place

function builtIn(
  view: PolicyView,
  rules: NonNullable<NonNullable<Session['config']['policy']>['rules']>,
  placeOf: PlaceOf,
): readonly PolicyFinding[] {
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

function endedWaiver(
  { rule, by, until, machines }: NonNullable<NonNullable<Session['config']['policy']>['waivers']>[number],
  at: Place,
): Problem {
  const of = machines === undefined ? '' : ` of ${machines.map((name) => addressOf(name)).join(', ')}`
  const summary = `the waiver of ${printable(rule)}${of} by ${printable(by)} has expired: it held until ${printable(until)}`
  return { severity: 'warning', code: 'KEY_USELESS', summary, hint: 'remove it, or have it renewed', at }
}
