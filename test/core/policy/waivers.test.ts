import { expect, it } from 'vitest'
import { findingProblems, findingText } from '../../../src/core/policy/finding-problems.ts'
import { denies, type PolicyFinding } from '../../../src/core/policy/policy.ts'
import { createWaivers, policyIssues } from '../../../src/core/policy/waivers.ts'

const waiver = (rest: object = {}) => ({ rule: 'destroy', by: 'CISO', reason: 'agreed', until: '2026-06-01', ...rest })
const finding: PolicyFinding = { rule: 'destroy', action: 'deny', machine: 'web01', evidence: '1 artifact' }

it('a waiver holds until its end, for its rule and its machines', () => {
  const waivers = createWaivers([waiver({ machines: ['web*'] })], '2026-05-31T23:59:59Z')
  expect(waivers.of('destroy', 'web01')).toMatchObject({ by: 'CISO', expired: false })
  expect(waivers.of('destroy', 'db01')).toBeUndefined()
  expect(waivers.of('replace', 'web01')).toBeUndefined()
  expect(waivers.of('destroy', undefined), 'of the plan as a whole').toBeUndefined()
  expect(createWaivers([waiver()], '2026-06-01T00:00:00Z').of('destroy', undefined)).toMatchObject({ expired: true })
})

it('one that holds wins over one that has ended', () => {
  const both = [waiver({ until: '2026-09-01', by: 'later' }), waiver()]
  expect(createWaivers(both, '2026-07-01T00:00:00Z').of('destroy', 'a')).toMatchObject({ by: 'later', expired: false })
  expect(createWaivers(both.toReversed(), '2026-07-01T00:00:00Z').of('destroy', 'a')).toMatchObject({ by: 'later' })
})

it('an expired waiver allows nothing, and is named', () => {
  const by = { by: 'CI\nSO', reason: 'agreed', until: '2026-06-01' }
  expect(denies({ ...finding, waiver: { ...by, expired: false } })).toBe(false)
  expect(denies({ ...finding, waiver: { ...by, expired: true } })).toBe(true)
  expect(findingText({ ...finding, waiver: { ...by, expired: true } })).toBe(
    'destroy: 1 artifact (the waiver by CI\\u{a}SO until 2026-06-01: agreed, has expired)',
  )
  expect(
    findingProblems([finding, { ...finding, action: 'warn' }, { ...finding, waiver: { ...by, expired: false } }]),
  ).toMatchObject([
    { severity: 'error', code: 'POLICY_DENIED', address: 'machine.web01' },
    { severity: 'warning', code: 'POLICY_WARNED' },
    { severity: 'info', code: 'POLICY_WARNED' },
  ])
})

it('a waiver of a rule that there is not is refused, and so are names that are taken', () => {
  const run = ['true']
  const policy = {
    waivers: [waiver({ rule: 'destoy' }), waiver({ rule: 'mine' })],
    commands: [
      { name: 'mine', run },
      { name: 'mine', run },
      { name: 'replace', run },
    ],
  }
  expect(policyIssues(policy)).toMatchObject([
    { code: 'NAME_DUPLICATE', path: ['policy', 'commands', 1, 'name'] },
    { code: 'NAME_DUPLICATE', path: ['policy', 'commands', 2, 'name'] },
    { code: 'VALUE_INVALID', path: ['policy', 'waivers', 0, 'rule'], hint: 'did you mean "destroy"?' },
  ])
})
