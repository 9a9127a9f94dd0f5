import { expect, test } from 'vitest'
import { downtimeOf, startPace } from '../../src/core/downtime.ts'
import type { MachineRecord, StageRecord } from '../../src/core/record.ts'
import type { DeedName } from '../../src/core/stage-names.ts'

const record = (
  downtimeSeconds: number,
  stages: readonly (readonly [string, number])[],
  ended = 'e',
): MachineRecord => {
  const common = {
    status: 'done',
    attempt: 1,
    fingerprint: '',
    bytes: 0,
    bytesDone: 0,
    tools: {},
    startedAt: '',
  } as const
  const output = { of: 'x', begun: 'b', ended, downtimeSeconds, verified: [] }
  const cutover = { ...common, stage: 'cutover', seconds: 1, runId: 'cut', output } as const
  const publish = stages.map(([runId, seconds]): StageRecord => ({ ...common, stage: 'publish', seconds, runId }))
  return {
    name: 'a',
    file: '',
    serial: 1,
    onRemove: 'forget',
    stages: new Map(publish.map((stage) => [stage.stage, stage])),
    deeds: new Map([['cutover', cutover]]),
  }
}

test('what starting took is measured without the last copy, and not by what was imported or taken back', () => {
  expect(startPace([])).toBeUndefined()
  expect(startPace([record(40, [['apply', 500]]), record(300, [['cut', 240]])])).toEqual({ seconds: 50, cutovers: 2 })
  const cutover = record(900, []).deeds.get('cutover')
  if (!cutover) throw new Error('a record without a cutover')
  const rollback: StageRecord<DeedName> = { ...cutover, stage: 'rollback', output: { of: 1, off: 'was off' } }
  const deeds = new Map<DeedName, StageRecord<DeedName>>([
    ['cutover', cutover],
    ['rollback', rollback],
  ])
  const taken = { ...record(900, []), deeds }
  expect(startPace([record(0, [], 'b'), taken])).toBeUndefined()
})

test('an estimate names its basis, and there is none without one', () => {
  expect(downtimeOf(undefined, undefined)).toBeUndefined()
  expect(downtimeOf(undefined, { seconds: 50, cutovers: 1 })).toEqual({
    seconds: 50,
    basis: 'start measured at 50 s over 1 cutover',
  })
  expect(downtimeOf({ seconds: 600, basis: 'its copy took 10 min' }, undefined)).toEqual({
    seconds: 600,
    basis: 'its copy took 10 min, its start not measured yet',
  })
})
