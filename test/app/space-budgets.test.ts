import { expect, test } from 'vitest'
import type { PlannedWrite } from '../../src/app/planned-writes.ts'
import { spaceBudgets } from '../../src/app/space-budgets.ts'

const gib = 2 ** 30
const concurrency = { disk_io: 2, guestfs: 2, boot_test: 1, global: 3 }
const files = { space: (folder: string) => ({ filesystem: folder.split('/')[1] ?? '', freeBytes: 64 * gib }) }

function neededOn(writes: readonly PlannedWrite[]) {
  const budgets = spaceBudgets(writes, { files: files as never, root: '/ws', concurrency })
  return Object.fromEntries(
    budgets.map(({ path, neededBytes, overlayBytes = 0 }) => [path, [neededBytes / gib, overlayBytes / gib]]),
  )
}

test('what stays counts for all machines, what passes for as many of the largest as there are at a time', () => {
  const machines = [1, 2, 3, 4, 5]
  const writes = machines.flatMap((size): readonly PlannedWrite[] => [
    { path: `/out/m${size}/boot.qcow2`, bytes: gib },
    { path: `/out/m${size}/boot.qcow2.raw`, bytes: size * gib, meanwhile: 'copied' },
    { path: `/work/m${size}/overlay`, bytes: size * gib, meanwhile: 'worked' },
  ])
  expect(neededOn(writes)).toEqual({ '/out/m1': [5 + 5 + 4, 9], '/work/m5': [5 + 4 + 3, 12] })
})

test('what passes on one file system takes no place of what passes on another', () => {
  const passing = (path: string): readonly PlannedWrite[] =>
    [1, 2, 3].map((number) => ({ path: `${path}/m${number}/overlay`, bytes: gib, meanwhile: 'worked' }))
  expect(neededOn([...passing('/a'), ...passing('/b')])).toEqual({ '/a/m1': [3, 3], '/b/m1': [3, 3] })
})
