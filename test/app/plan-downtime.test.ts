import { expect, test } from 'vitest'
import { createEstimator } from '../../src/app/estimate.ts'
import { withDowntime } from '../../src/app/plan-downtime.ts'
import type { Seen } from '../../src/app/subjects.ts'
import type { MachineRecord, StageRecord } from '../../src/core/record.ts'
import { planned } from '../core/plans.ts'

const machine = {
  name: 'a',
  target: { kind: 'libvirt', define: true },
  sourceDomain: { action: 'shutdown' },
  disks: [],
} as unknown as NonNullable<Seen['subject']>['machine']
const seen = {
  desired: { manifest: { cutover: { source_action: 'shutdown' } } },
  subject: { machine },
} as unknown as Seen
const estimate = createEstimator({ concurrency: { disk_io: 2, guestfs: 1, boot_test: 1, global: 2 } }, undefined)

function downtime(engine: string, stageSeconds: number, diskSeconds: number) {
  const disk = { id: 'boot', engine, seconds: diskSeconds, file: { path: '/d', bytes: 4000e6, modified: '1' } }
  const convert = { stage: 'convert', status: 'done', seconds: stageSeconds, output: { disks: [disk] } }
  const publish = { stage: 'publish', status: 'done', seconds: 2 }
  const stages = new Map([convert, publish].map((stage) => [stage.stage, stage as unknown as StageRecord]))
  const record = { name: 'a', stages, deeds: new Map() } as unknown as MachineRecord
  return withDowntime(planned('a', { stages: [], writeBytes: 0 }), seen, record, undefined, estimate).downtime
}

test('the last copy is reckoned by what the first one took, also where a kill came between', () => {
  expect(downtime('qemu-img', 600, 600)).toMatchObject({ seconds: 602 })
  expect(downtime('qemu-img', 1, 600)).toMatchObject({ seconds: 602 })
})

test('the copy of an imported machine, which nobody measured, is reckoned by its bytes', () => {
  expect(downtime('imported', 0, 0)).toMatchObject({
    seconds: 20,
    basis: expect.stringContaining('convert assumed at 191 MiB/s'),
  })
})
