import { expect, test } from 'vitest'
import { planJson } from '../../src/render/plan-json.ts'
import { planText } from '../../src/render/plan-text.ts'
import { planned, planOf } from '../core/plans.ts'

const notApplied = ['scaleway (Scaleway target)']
const unchanged = { action: 'noop', stages: [], notApplied } as const

test('what unchanged machines ask for in vain is told, too', () => {
  const plan = planOf([planned('a', unchanged), planned('b', unchanged), planned('c', { notApplied })])
  const lines = planText(plan, false).split('\n')
  expect(lines).toContain('    not applied by this version: scaleway (Scaleway target)')
  expect(lines.at(-1)).toBe('not applied by this version: scaleway (Scaleway target) of 2 unchanged machines')
  expect(planJson(plan)).toMatchObject({ not_applied: [{ what: 'scaleway (Scaleway target)', machines: 3 }] })
})

test('and nothing where all is applied', () => {
  const plan = planOf([planned('a', { ...unchanged, notApplied: [] })])
  expect(planText(plan, false)).not.toContain('not applied')
})
