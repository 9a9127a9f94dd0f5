import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createJsonSchemas } from '../../src/adapters/json-schema/json-schemas.ts'
import type { Plan, PlannedMachine } from '../../src/core/plan.ts'
import { openSavedPlan as open, reviewedPart, type SavedPlan, savePlan } from '../../src/core/saved-plan.ts'
import { staleMachines, staleProblems, unreviewedMachines } from '../../src/core/stale-machines.ts'
import { refusal } from '../support/refusal.ts'
import { planned, planOf } from './plans.ts'

const check = createJsonSchemas().compileOwn(readFileSync('schemas/plan.json'), 'schemas/plan.json')
const openSavedPlan = (saved: unknown, file: string) => open(saved, file, check)
const staleness = (saved: Plan, now: Plan) => staleProblems(staleMachines(saved, now))

const plan = planOf([planned('web01'), planned('db01', { action: 'update' })])
const written = () => JSON.parse(JSON.stringify(savePlan(plan))) as SavedPlan

describe('a plan in a file', () => {
  it('comes back as it was', () => {
    expect(openSavedPlan(written(), 'exit.plan').plan).toEqual(plan)
  })

  it('whatever it says', () => {
    const finding = {
      rule: 'oversize',
      action: 'deny',
      machine: 'a',
      field: 'disks',
      evidence: 'x',
      hint: 'y',
    } as const
    const all = planOf(
      [
        planned('a', {
          wanted: { hardware: { cpus: 1 } },
          options: ['verbose 2'],
          wave: 'canary',
          cutOverAt: '2026-05-01T22:00:00Z',
          held: { by: 'pause', why: 'apply pauses' },
          removals: [{ path: 'x', standing: 'gone', bytes: 1, mark: '' }],
          onRemove: { from: 'forget', to: 'destroy' },
          problems: [
            { severity: 'error', code: 'SOURCE_MISSING', summary: 'x', at: { file: 'a', line: 1, column: 1 } },
          ],
        }),
      ],
      {
        waves: [{ name: 'canary', pauseAfter: 'pause', machines: 1, window: 'daily' }],
        duration: { seconds: 1, basis: 'assumed' },
        policy: [
          { ...finding, at: { file: 'a.yaml', line: 1, column: 1 } },
          { ...finding, waiver: { by: 'a', reason: 'b', until: '2026-01-01', expired: true } },
        ],
      },
    )
    expect(openSavedPlan(JSON.parse(JSON.stringify(savePlan(all))), 'exit.plan').plan).toEqual(all)
  })

  it('is the same file for the same plan', () => {
    expect(JSON.stringify(savePlan(plan))).toBe(JSON.stringify(savePlan(planOf(plan.machines))))
  })

  const altered: [string, (saved: SavedPlan) => object][] = [
    ['a machine less', (saved) => ({ ...saved, plan: { ...saved.plan, machines: [] } })],
    [
      'another action',
      (saved) => ({
        ...saved,
        plan: { ...saved.plan, machines: saved.plan.machines.map((m) => ({ ...m, action: 'noop' })) },
      }),
    ],
    ['another id', (saved) => ({ ...saved, id: '0'.repeat(64) })],
    ['another digest', (saved) => ({ ...saved, digest: '0'.repeat(64) })],
    [
      'a note more',
      (saved) => ({
        ...saved,
        plan: { ...saved.plan, machines: saved.plan.machines.map((m) => ({ ...m, notes: ['fine'] })) },
      }),
    ],
    [
      'a hidden key in a decision',
      (saved) => ({
        ...saved,
        plan: {
          ...saved.plan,
          machines: saved.plan.machines.map((m) => ({
            ...m,
            stages: m.stages.map((s) => ({ ...s, decision: { ...s.decision, extra: 1 } })),
          })),
        },
      }),
    ],
  ]
  it.each(altered)('is refused with %s', (_name, change) => {
    expect(refusal(() => openSavedPlan(change(written()), 'exit.plan'))).toMatchObject([
      { code: 'PLAN_ALTERED', summary: 'exit.plan was altered since it was written', hint: 'plan again' },
    ])
  })

  const unreadable: [string, unknown][] = [
    ['nothing', null],
    ['a list', []],
    ['a text', 'plan'],
    ['a state', { machines: {} }],
    ['a later version', { ...written(), h2k_plan: 2 }],
    ['half a plan', { ...written(), plan: {} }],
    ['a key that h2k does not write', { ...written(), more: true }],
    [
      'an action that there is not',
      { ...written(), plan: { ...plan, machines: [planned('a', { action: 'burn' as 'noop' })] } },
    ],
    [
      'something without end',
      { ...written(), plan: JSON.parse(`${'['.repeat(50_000)}${']'.repeat(50_000)}`) as unknown },
    ],
  ]
  it('is unreadable, and where is told', () => {
    const { plan } = written()
    const [told] = refusal(() => openSavedPlan({ ...written(), plan: { ...plan, serial: 'x' } }, 'exit.plan'))
    expect(told).toMatchObject({ summary: expect.stringContaining('plan.serial must be integer') })
  })

  it.each(unreadable)('is unreadable: %s', (_name, saved) => {
    expect(refusal(() => openSavedPlan(saved, 'exit.plan'))).toMatchObject([{ code: 'PLAN_UNREADABLE' }])
  })
})

describe('what went stale since', () => {
  const now = (web: Partial<PlannedMachine>, rest: Partial<Plan> = {}) =>
    planOf([planned('web01', web), planned('db01', { action: 'update' })], rest)
  const reasons = (current: Plan, saved = plan) =>
    staleness(saved, current).map(({ address, summary }) => `${address}: ${summary}`)

  it('nothing', () => {
    expect(staleness(plan, now({}))).toEqual([])
    expect(staleness(plan, now({}, { serial: 99, space: [], tools: {} }))).toEqual([])
  })

  it('field by field, with the place of each new value', () => {
    const was = planOf([planned('web01', { wanted: { hardware: { cpus: 1 }, disks: [{ id: 'a', to: 'qcow2' }] } })])
    const is = planned('web01', { desired: 'd2', wanted: { hardware: { cpus: 2 }, disks: [] }, sources: [] })
    const [stale] = staleMachines(was, planOf([is]), (machine, field) => {
      return field === 'hardware.cpus' ? { file: `${machine}.yaml`, line: 3, column: 9 } : undefined
    })
    expect(stale?.changes.map(({ path }) => path)).toEqual(['source./images/web01.ova', 'hardware.cpus', 'disks.a'])
    expect(staleProblems(stale ? [stale] : [])[0]?.detail).toBe(
      'source./images/web01.ova: {"bytes":10,"modified":"1"} -> (none); hardware.cpus: 1 -> 2 (web01.yaml:3:9); disks.a: {"id":"a","to":"qcow2"} -> (none)',
    )
  })

  it('what was not reviewed and would be done now', () => {
    const held = { by: 'window' as const, why: 'the window opens at ten' }
    const saved = planOf([planned('a'), planned('b', { action: 'noop' }), planned('c', { held }), planned('e')])
    const now = planOf([planned('a'), planned('b'), planned('c'), planned('d'), planned('e', { action: 'noop' })])
    expect(unreviewedMachines(saved, now).map(({ name, summary }) => `${name}: ${summary}`)).toEqual([
      'b: it would now be "create", and was not reviewed: it was "noop"',
      'c: it would now be "create", and was not reviewed: it waited: the window opens at ten',
      'd: it would now be "create", and was not reviewed: it was not in the plan',
    ])
  })

  const cases: [string, Plan, string][] = [
    ['the manifest', now({ desired: 'd2' }), 'manifests/web01.yaml, or what it refers to, changed since'],
    ['the state', now({ serial: 8 }), 'the state changed since (serial 0 -> 8)'],
    [
      'the source, by size',
      now({ sources: [{ path: '/images/web01.ova', bytes: 11, modified: '1' }], desired: 'd2' }),
      'its source /images/web01.ova changed since',
    ],
    [
      'the source, by time',
      now({ sources: [{ path: '/images/web01.ova', bytes: 10, modified: '2' }], desired: 'd2' }),
      'its source /images/web01.ova changed since',
    ],
    ['the source, gone', now({ sources: [] }), 'its source /images/web01.ova changed since'],
    ['what it would do', now({ action: 'replace' }), 'it would now be "replace" instead of "create"'],
    [
      'the stages that would run',
      now({ stages: [...planned('x').stages, { stage: 'publish', decision: { run: true, why: 'first' }, does: '' }] }),
      'it would now run convert, publish instead of convert',
    ],
    [
      'what would be removed',
      now({ removals: [{ path: 'output/web01/boot.qcow2', standing: 'changed', bytes: 1, mark: '1 2' }] }),
      'what h2k made and would remove changed since',
    ],
    [
      'whether it can be planned',
      now({
        action: 'blocked',
        desired: '',
        problems: [{ severity: 'error', code: 'SOURCE_MISSING', summary: 'web.ova is not there' }],
      }),
      'it cannot be planned any more: web.ova is not there',
    ],
    [
      'that it is there',
      planOf([planned('db01', { action: 'update' })]),
      'the machine is no longer in git or in the state',
    ],
  ]
  it.each(cases)('%s', (_name, current, reason) => {
    expect(reasons(current)).toEqual([`machine.web01: ${reason}`])
  })

  it('the state as a whole, and the tools', () => {
    expect(reasons(now({}, { lineage: 'l2' }))).toEqual([
      'machine.web01: the plan was made on another state',
      'machine.db01: the plan was made on another state',
    ])
    expect(reasons(now({}, { tools: { 'qemu-img': '8.0' } }))[0]).toBe('machine.web01: qemu-img was 7.2 and is 8.0')
  })

  it('a first state since is no other state', () => {
    const { lineage: _, ...before } = plan
    expect(reasons(now({}), before)).toEqual([])
  })

  it('machines of which the plan wanted nothing do not count', () => {
    const saved = planOf([planned('web01', { action: 'noop' }), planned('db01', { action: 'blocked' })])
    expect(staleness(saved, planOf([planned('web01', { desired: 'd2' })]))).toEqual([])
  })

  it('names that would move a cursor are escaped', () => {
    const saved = planOf([planned('\u001b[2J/x')])
    expect(staleness(saved, planOf([]))[0]?.address).toBe('machine.\\u{1b}[2J\\u{2f}x')
  })
})

describe('what may be applied of the plan that would be made now', () => {
  const part = (saved: Plan, current: Plan) =>
    reviewedPart(saved, current).machines.map(({ name, action }) => `${name} ${action}`)

  it('what was reviewed and is still true', () => {
    const saved = planOf([planned('a'), planned('b'), planned('c', { action: 'forget' })])
    const current = planOf([
      planned('a'),
      planned('b', { desired: 'd2' }),
      planned('c', { action: 'forget' }),
      planned('new'),
    ])
    expect(part(saved, current)).toEqual(['a create', 'c forget'])
  })

  it('nothing that the plan said would stay as it is', () => {
    const saved = planOf([planned('a', { action: 'noop' }), planned('b', { action: 'noop' })])
    expect(part(saved, planOf([planned('a', { action: 'noop' }), planned('b', { action: 'replace' })]))).toEqual([
      'a noop',
    ])
  })

  it('nothing that could not be planned then', () => {
    expect(part(planOf([planned('a', { action: 'blocked' })]), planOf([planned('a')]))).toEqual([])
  })
})
