import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { problemsOf } from '../../../src/core/problem.ts'
import { makeNtfsDisk, type NtfsDisk, recordOf, swapped } from '../../support/ntfs-disk.ts'
import { sharedFolder } from '../image-header/images.ts'
import { swapOn } from './copies.ts'

const folder = sharedFolder()

/** The same numbers each time. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state >>> 8) % below
  }
}

type Place = readonly [at: number, bytes: number]

const disk = makeNtfsDisk(join(folder, 'disk.raw'), 'mbr', { gaps: { count: 40, bytes: 2 ** 20 + 12_288 } })
const scattered = makeNtfsDisk(join(folder, 'scattered.raw'), 'gpt', {
  gaps: { count: 600, bytes: 8192 },
  files: { 'pagefile.sys': swapped(2 ** 21) },
})

/** Damages some bytes at these places many times over, and looks at what is found then. */
async function damaged(
  { path, areas }: NtfsDisk,
  places: readonly Place[],
  look: (extents: Awaited<ReturnType<typeof swapOn>>, round: number) => void,
): Promise<void> {
  const bytes = readFileSync(path)
  const random = numbers(11)
  expect((await swapOn(bytes)).length).toBe(areas.length)
  for (let round = 0; round < 600; round++) {
    const saved: [number, number][] = []
    for (let count = 1 + random(3); count > 0; count--) {
      const [from, length] = places[random(places.length)] ?? [0, 1]
      const at = from + random(length)
      saved.push([at, bytes[at] ?? 0])
      bytes[at] = random(4) === 0 ? 255 : random(256)
    }
    const extents = await swapOn(bytes).catch((error: unknown) => {
      expect(problemsOf(error)?.[0]?.code, String(error)).toBe('GUEST_REFUSED')
      return []
    })
    look(extents, round)
    for (const [at, byte] of saved.toReversed()) bytes[at] = byte
  }
}

function mftOf({ path, at, clusterBytes }: NtfsDisk): number {
  return at + Number(readFileSync(path).readBigUInt64LE(at + 48)) * clusterBytes
}

/** The blocks of the root directory outside of its record. */
function indexBlocks({ path, at, bytes }: NtfsDisk): readonly Place[] {
  const volume = readFileSync(path).subarray(at, at + bytes)
  const found: Place[] = []
  for (let from = 0; from < bytes; from += 4096) {
    if (volume.toString('latin1', from, from + 4) === 'INDX') found.push([at + from, 1500])
  }
  return found
}

test('whatever is damaged around them, only files of swap are left out', async () => {
  const mft = mftOf(disk)
  expect(indexBlocks(disk).length).toBeGreaterThan(0)
  const places: readonly Place[] = [
    [446, 66],
    [disk.at, 90],
    [mft, 7 * 1024],
    [mft + 5 * 1024, 700],
    ...indexBlocks(disk),
  ]
  await damaged(disk, places, (extents, round) => {
    for (const { start, end } of extents) {
      const isSwap = disk.areas.some((area) => start >= area.start && end <= area.end)
      expect(isSwap, `round ${round}: ${start} to ${end}`).toBe(true)
    }
  })
})

test.each<[string, NtfsDisk, readonly string[], number]>([
  ['their records', disk, ['PageFile.SYS', 'hiberfil.sys', 'swapfile.sys'], 600],
  // The record and the one behind it, which goes on with it.
  ['several records of one', scattered, ['pagefile.sys'], 2048],
])('whatever is damaged in %s, nothing outside of the volume is left out, nor its own files', async (...args) => {
  const [, on, names, length] = args
  const mft = mftOf(on)
  const places = names.map((name): Place => [recordOf(on, name), length])
  await damaged(on, places, (extents, round) => {
    for (const [index, { start, end }] of extents.entries()) {
      expect(start, `round ${round}`).toBeLessThan(end)
      expect(start >= on.at + 8192 && end <= on.at + on.bytes, `round ${round}: ${start} to ${end}`).toBe(true)
      expect(start >= mft + 16 * 1024 || end <= mft, `round ${round}: ${start} to ${end}`).toBe(true)
      expect(start, `round ${round}`).toBeGreaterThanOrEqual(extents[index - 1]?.end ?? 0)
    }
  })
})
