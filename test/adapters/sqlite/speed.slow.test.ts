import { expect, test } from 'vitest'
import { stageNames } from '../../../src/core/stage-names.ts'
import { doneWith, intent } from '../../contract/state-world.ts'
import { runStart, stateFolder } from './state-folder.ts'

const machines = Array.from({ length: 10_000 }, (_, index) => `web${index}`)
const attempts = machines.flatMap((machine) => stageNames.map((stage) => ({ machine, stage })))
const input = { disks: [{ path: '/vm/disk.vmdk', format: 'vmdk' }], profile: 'x'.repeat(600) }
const output = { disks: [{ path: '/out/disk.qcow2', sha256: 'f'.repeat(64), more: 'y'.repeat(300) }] }

function secondsOf<Result>(work: () => Result): { seconds: number; result: Result } {
  const from = performance.now()
  const result = work()
  return { result, seconds: (performance.now() - from) / 1000 }
}

function partsOf<Item>(items: readonly Item[], count: number): readonly Item[][] {
  return Array.from({ length: count }, (_, part) => items.filter((_item, index) => index % count === part))
}

test('10,000 machines are written, opened and read in no time', async () => {
  const { open } = stateFolder()
  const store = open()
  const writer = store.begin(runStart('run-1'), machines)
  const inTurn = async (part: readonly (typeof attempts)[number][]) => {
    for (const { machine, stage } of part) {
      await writer.started(intent(machine, stage, { input }))
      await writer.done(doneWith(machine, stage, output))
    }
  }
  const from = performance.now()
  await Promise.all(partsOf(attempts.slice(0, 10_000), 10).map(inTurn))
  expect((performance.now() - from) / 1000, '10,000 stages with 10 in flight').toBeLessThan(3)
  await Promise.all(partsOf(attempts.slice(10_000), 100).map(inTurn))
  store.close()

  const reopened = secondsOf(() => open({ mode: 'write' }))
  expect(reopened.seconds, 'opening 50,000 stages').toBeLessThan(0.3)
  const read = secondsOf(() => reopened.result.machines())
  expect(read.seconds, 'reading 50,000 stages').toBeLessThan(0.4)
  expect(read.result.size).toBe(10_000)
  expect(read.result.get('web7')?.stages.size).toBe(5)
}, 20_000)
