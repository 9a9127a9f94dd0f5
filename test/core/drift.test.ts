import { describe, expect, test } from 'vitest'
import {
  type DriftStatus,
  driftStatus,
  healthOf,
  isRepairable,
  type MachineDrift,
  redoneStages,
} from '../../src/core/drift.ts'

const cases: readonly (readonly [readonly DriftStatus[], DriftStatus])[] = [
  [[], 'Synced'],
  [['Synced', 'Synced'], 'Synced'],
  [['Synced', 'OutOfSync'], 'OutOfSync'],
  [['OutOfSync', 'Missing'], 'Missing'],
  [['Missing', 'Unknown', 'Synced'], 'Unknown'],
]

test.each(cases)('%j comes to %s', (statuses, expected) => {
  expect(driftStatus(statuses.map((status) => ({ status })))).toBe(expected)
})

describe('health', () => {
  const health = (...stages: readonly (readonly [string, string])[]) => {
    const records = new Map(stages.map(([stage, status]) => [stage, { stage, status }]))
    return healthOf({ stages: records, deeds: new Map() } as unknown as Parameters<typeof healthOf>[0])
  }

  test('is told apart from what drifted', () => {
    expect(health(['convert', 'done'], ['publish', 'done'])).toBe('Healthy')
    expect(health(['convert', 'done'])).toBe('Progressing')
    expect(health(['convert', 'interrupted'], ['publish', 'done'])).toBe('Progressing')
    expect(health(['convert', 'failed'], ['publish', 'done'])).toBe('Degraded')
  })
})

test('what runs otherwise just now, or is suspended, no apply repairs', () => {
  const drift = (rest: Partial<MachineDrift>): MachineDrift => ({
    name: 'a',
    status: 'OutOfSync',
    health: 'Healthy',
    findings: [],
    ...rest,
  })
  const disk = { kind: 'disk', subject: 'x', status: 'OutOfSync', detail: 'was written to', redo: 'convert' } as const
  const live = { kind: 'domain', subject: 'x', status: 'OutOfSync', detail: 'runs with', live: true } as const
  expect(isRepairable(drift({ findings: [disk] }))).toBe(true)
  expect(isRepairable(drift({ findings: [live] }))).toBe(false)
  expect(isRepairable(drift({ findings: [disk], suspended: 'is suspended' }))).toBe(false)
  expect(redoneStages([drift({ findings: [disk, disk, live] })])).toEqual(['machine.a/convert'])
})
