import { expect, test } from 'vitest'
import { approvalStanding } from '../../src/core/approval.ts'
import { cutoverRequest } from '../../src/core/cutover.ts'
import {
  approvable,
  approvalAt,
  type CutoverBegun,
  copyOf,
  cutOver,
  openCutover,
  sourceOff,
} from '../../src/core/deeds.ts'
import type { MachineRecord, StageRecord, StageStatus } from '../../src/core/record.ts'
import type { DeedName, RecordedName, StageName } from '../../src/core/stage-names.ts'

const recorded = <Name extends RecordedName>(stage: Name, output: object, rest: object = {}): StageRecord<Name> => ({
  ...{ stage, status: 'done', attempt: 1, fingerprint: 'f', bytes: 0, bytesDone: 0, seconds: 1, tools: {} },
  ...{ startedAt: '2026-05-01T22:00:00.000Z', runId: 'r', output: output as never },
  ...rest,
})

function machine(deeds: readonly StageRecord<DeedName>[], copySeconds = 1): MachineRecord {
  const stages: readonly StageRecord<StageName>[] = [
    recorded('convert', { disks: [{ id: 'boot', sha256: 'aa', seconds: copySeconds }] }),
    recorded('publish', {}),
  ]
  return {
    ...{ name: 'web01', file: 'web01.yaml', serial: 1, onRemove: 'forget' },
    stages: new Map(stages.map((stage) => [stage.stage, stage])),
    deeds: new Map(deeds.map((deed) => [deed.stage, deed])),
  }
}

const of = copyOf(machine([]))
const ended = '2026-05-01T22:01:00.000Z'
const cutover = (status: StageStatus = 'done', attempt = 1) =>
  recorded('cutover', status === 'done' ? { of, ended } : {}, { status, attempt })
const rollback = (attempt: number) => recorded('rollback', { of: attempt })

test('a cutover holds for its copy of the disks, until it is rolled back', () => {
  expect(cutOver(machine([cutover()]))).toMatchObject({ ended })
  expect(cutOver(machine([cutover()], 2))).toBeUndefined()
  expect(cutOver(machine([cutover('done', 2), rollback(1)]))).toMatchObject({ ended })
  expect(cutOver(machine([cutover('done', 2), rollback(2)]))).toBeUndefined()
})

test('a cutover that did not end well is gone on with, unless it was taken back or the disks are others', () => {
  const begun: CutoverBegun = { of: of ?? '', begun: '2026-05-01T21:00:00.000Z', shutdownSeconds: 1 }
  for (const status of ['started', 'failed', 'interrupted'] as const) {
    expect(openCutover(machine([cutover(status)]), begun)).toMatchObject({ begun: begun.begun })
    expect(openCutover(machine([cutover(status), rollback(1)]), begun)).toBeUndefined()
    expect(openCutover(machine([cutover(status)], 2), begun)).toBeUndefined()
  }
  expect(openCutover(machine([cutover()]), begun)).toBeUndefined()
})

test('a cutover that switches its source off is gone on with in the middle of its last copy, by what was approved', () => {
  const source = { domain: { uri: 'qemu:///system', uuid: 'u', name: 'web' }, wasOn: true, autostart: false }
  const begun: CutoverBegun = { of: of ?? '', begun: '2026-05-01T21:00:00.000Z', shutdownSeconds: 1, source }
  const copying = machine([cutover('interrupted')], 2)
  expect(openCutover(copying, begun)).toMatchObject({ source })
  expect(openCutover(machine([cutover('interrupted'), rollback(1)], 2), begun)).toBeUndefined()

  const approved = approvable(machine([]))
  const given = recorded('approval', { of: approved, by: 'Board' })
  expect(approvalAt(machine([given], 2), ended, approved)).toMatchObject({ by: 'Board' })

  const asked = { requireApproval: true }
  expect(approvalStanding(asked, machine([given], 2), undefined, ended)).toEqual({ standing: 'waits' })
  const going = { ...begun, source: { ...source, ...(approved === undefined ? {} : { approvable: approved }) } }
  const open = machine([cutover('interrupted'), given], 2)
  expect(approvalStanding(asked, open, going, ended)).toEqual({ standing: 'given', by: 'Board' })

  const off = recorded('source_off', { of: begun.begun, at: ended, off: 'shut down' })
  const goesOn = machine([cutover('interrupted'), off], 2)
  expect(approvalStanding(asked, goesOn, begun, ended), 'it waits for nobody any more').toBeUndefined()
  expect(sourceOff(machine([off]), begun.begun)).toMatchObject({ at: ended })
  expect(sourceOff(machine([off]), '2026-06-01T21:00:00.000Z'), 'of an earlier one').toBeUndefined()
})

test('an approval holds until its time, another copy, or a rollback', () => {
  const given = (until?: string) =>
    recorded('approval', { of: approvable(machine([])), by: 'Board', ...(until ? { until } : {}) })
  const now = '2026-05-01T22:00:00.000Z'
  expect(approvalAt(machine([given()]), now)).toMatchObject({ by: 'Board' })
  expect(approvalAt(machine([given('2026-05-02T00:00:00+02:00')]), now)).toBeUndefined()
  expect(approvalAt(machine([given('2026-05-02T00:00:01+02:00')]), now)).toBeDefined()
  expect(approvalAt(machine([given()], 2), now)).toBeUndefined()
  expect(approvalAt(machine([given(), cutover(), rollback(1)]), now)).toBeUndefined()
})

test('a server is named by its host and its port, also by an IPv6 address', () => {
  const tcp = (text: string) => cutoverRequest({ cutover: { verify: { tcp: text } } }).verify.tcp
  expect(tcp('[2001:db8::5]:22')).toEqual({ host: '2001:db8::5', port: 22 })
  expect(tcp('db01.example:5432')).toEqual({ host: 'db01.example', port: 5432 })
})
