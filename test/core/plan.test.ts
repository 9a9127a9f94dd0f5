import { describe, expect, it } from 'vitest'
import type { Decision } from '../../src/core/decision.ts'
import {
  type Action,
  actionOf,
  countActions,
  hasChanges,
  type Plan,
  type PlannedStage,
  planId,
} from '../../src/core/plan.ts'
import type { StageName } from '../../src/core/stage-names.ts'
import { planned, planOf } from './plans.ts'

const first: Decision = { run: true, why: 'first' }
const upstream: Decision = { run: true, why: 'upstream', stage: 'convert' }
const changed: Decision = { run: true, why: 'changed', changes: [] }
const failed: Decision = { run: true, why: 'resume', status: 'failed' }
const stages = (decisions: Partial<Record<StageName, Decision>>): PlannedStage[] =>
  Object.entries(decisions).map(([stage, decision]) => ({ stage: stage as StageName, decision, does: '' }))

describe('what happens to a machine', () => {
  const cases: [string, Partial<Record<StageName, Decision>>, boolean, Action][] = [
    ['nothing', {}, true, 'noop'],
    ['nothing that runs', { convert: { run: false } }, true, 'noop'],
    [
      'all of it, for the first time',
      { preflight: first, export: first, convert: first, publish: first },
      false,
      'create',
    ],
    [
      'all of it, after a failure in the first',
      { preflight: failed, export: first, convert: first, publish: first },
      false,
      'resume',
    ],
    ['the rest, after a failure', { convert: failed, publish: first }, true, 'resume'],
    ['the rest, stopped between two stages', { convert: first, publish: first }, true, 'resume'],
    ['the last stage, stopped before it', { publish: first }, true, 'resume'],
    ['the copy, and what comes after', { convert: changed, publish: upstream }, true, 'replace'],
    ['the copy, redone', { convert: { run: true, why: 'redo' }, publish: upstream }, true, 'replace'],
    [
      'the copy, lost',
      { convert: { run: true, why: 'broken', reason: 'a is missing' }, publish: upstream },
      true,
      'replace',
    ],
    ['the network', { publish: changed }, true, 'update'],
    ['a validation that is new', { validate: first, publish: upstream }, true, 'update'],
  ]
  it.each(cases)('%s', (_name, decisions, known, action) => {
    expect(actionOf(stages(decisions), known, false)).toBe(action)
    expect(actionOf(stages(decisions), known, true)).toBe('blocked')
  })
})

it('counts machines by what happens to them', () => {
  const actions: Action[] = ['create', 'create', 'noop', 'blocked', 'forget']
  const plan = planOf(actions.map((action, index) => planned(`m${index}`, { action })))
  expect(countActions(plan)).toEqual({
    create: 2,
    update: 0,
    replace: 0,
    resume: 0,
    forget: 1,
    destroy: 0,
    noop: 1,
    blocked: 1,
    held: 0,
    suspended: 0,
  })
})

it.each([
  ['nothing at all', [], false],
  ['what is as it should be', ['noop'], false],
  ['what cannot be planned', ['noop', 'blocked'], false],
  ['something to forget', ['noop', 'forget'], true],
  ['something to resume', ['resume'], true],
] satisfies [string, Action[], boolean][])('has changes or not: %s', (_name, actions, changes) => {
  expect(hasChanges(planOf(actions.map((action, index) => planned(`m${index}`, { action }))))).toBe(changes)
})

it('has one id for one content', () => {
  const plan = planOf([planned('web01')])
  const same = JSON.parse(JSON.stringify(plan)) as Plan
  expect(planId(same)).toBe(planId(plan))
  expect(planId({ ...plan, serial: plan.serial + 1 })).not.toBe(planId(plan))
})
