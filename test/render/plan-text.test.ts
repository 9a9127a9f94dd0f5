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

test('how a run goes, and what a policy says, is told', () => {
  const waiver = { by: 'CISO', reason: 'agreed', until: '2999-01-01', expired: false }
  const plan = planOf([planned('a', { options: ['report report.json', 'verbose 2'] })], {
    policy: [
      { rule: 'oversize', action: 'deny', machine: 'a', evidence: 'too large', waiver },
      { rule: 'replace', action: 'warn', machine: 'a', evidence: 'again' },
      {
        rule: 'ours',
        action: 'deny',
        evidence: 'no \u001b[2J',
        at: { file: 'h2k.yaml', line: 3, column: 1 },
        hint: 'ask',
      },
    ],
  })
  const lines = planText(plan, false).split('\n')
  expect(lines).toContain('      options: report report.json, verbose 2')
  expect(lines.slice(-4)).toEqual([
    'Policy: 1 denied, 1 warning, 1 waived.',
    '  deny ours: no \\u{1b}[2J [h2k.yaml:3:1] -> ask',
    '  warn machine.a replace: again',
    '  waived machine.a oversize: too large (waived by CISO until 2999-01-01: agreed)',
  ])
})
