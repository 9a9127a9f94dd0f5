import { expect, test } from 'vitest'
import { type DriftStatus, machineDrift } from '../../src/core/drift.ts'

const cases: readonly (readonly [readonly DriftStatus[], DriftStatus])[] = [
  [[], 'Synced'],
  [['Synced', 'Synced'], 'Synced'],
  [['Synced', 'OutOfSync'], 'OutOfSync'],
  [['OutOfSync', 'Missing'], 'Missing'],
  [['Missing', 'Unknown', 'Synced'], 'Unknown'],
]

test.each(cases)('%j comes to %s', (statuses, expected) => {
  const findings = statuses.map((status) => ({ kind: 'disk', subject: 'a', status }) as const)
  expect(machineDrift('web01', findings).status).toBe(expected)
})
