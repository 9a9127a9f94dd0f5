import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { problemsOf } from '../../../src/core/problem.ts'
import { lvmBeginning } from '../../support/lvm-volume.ts'
import { makeSwapDisk, type SwapKind } from '../../support/swap-disk.ts'
import { sharedFolder } from '../image-header/images.ts'
import { swapOn } from './copies.ts'

const folder = sharedFolder()
const mib = 2 ** 20

/** The same numbers each time. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state % below
  }
}

/** Where the disk says what it is: the partition table, and what describes the swap. */
const places: Readonly<Record<SwapKind, readonly (readonly [at: number, bytes: number])[]>> = {
  gpt: [[446, 1024]],
  mbr: [[446, 66]],
  logical: [[446, 66]],
  none: [[0, 4096]],
  lvm: [
    [3 * mib + 512, 200],
    [3 * mib + 4096, 100],
    [3 * mib + lvmBeginning().lastIndexOf('testvg {'), 1200],
  ],
  'lvm-disk': [[512, 200]],
}

test.each(Object.keys(places) as SwapKind[])(
  'whatever is damaged on a disk with %s, only what was swap is left out',
  async (kind) => {
    const { path, areas } = makeSwapDisk(join(folder, `${kind}.raw`), kind)
    const disk = readFileSync(path)
    const random = numbers(7)
    const whole = await swapOn(disk)
    expect(whole.length).toBe(areas.length)
    for (let round = 0; round < 300; round++) {
      const saved: [number, number][] = []
      for (let count = 1 + random(3); count > 0; count--) {
        const [from, bytes] = places[kind][random(places[kind].length)] ?? [0, 1]
        const at = from + random(bytes)
        saved.push([at, disk[at] ?? 0])
        disk[at] = random(4) === 0 ? 255 : random(256)
      }
      const extents = await swapOn(disk).catch((error: unknown) => {
        expect(problemsOf(error), String(error)).toBeDefined()
        return []
      })
      for (const { start, end } of extents) {
        expect(start).toBeLessThan(end)
        expect(
          areas.some((area) => start >= area.start && end <= area.end),
          `round ${round}: ${start} to ${end}`,
        ).toBe(true)
      }
      for (const [at, byte] of saved.toReversed()) disk[at] = byte
    }
  },
)
