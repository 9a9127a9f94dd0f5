import { closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import koffi from 'koffi'
import { afterAll, describe, expect, test } from 'vitest'
import { openTarget, type Written, writerTo } from '../../../src/adapters/copy/direct.ts'
import { inSlot, makeSlots, pageBytes } from '../../../src/adapters/copy/slots.ts'
import { isInMemory, mibInMemory } from '../../support/page-cache.ts'
import { streamOptimized } from '../image-header/esxi-vmdk.ts'
import { compare, copied } from './copies.ts'

const folder = mkdtempSync(join(tmpdir(), 'h2k-direct-'))
afterAll(() => rmSync(folder, { recursive: true }))

const mib = 2 ** 20

/** What the kernel says how a file was opened. */
function flagsOf(fd: number): number {
  const info = readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')
  return Number.parseInt(info.match(/^flags:\s+(\d+)/m)?.[1] ?? '', 8)
}

/** Slots of 2 MiB, each full of its own number. */
function filled(inPages: boolean) {
  const slots = makeSlots(2, 2 * mib, inPages)
  for (const slot of [0, 1]) inSlot(slots, slot, 0, 2 * mib).fill(slot + 1)
  return slots
}

async function written(name: string, past: boolean, write: (into: Written) => Promise<unknown>): Promise<Buffer> {
  const path = join(folder, name)
  const target = await openTarget(path, 'wx+', { grainBytes: 65_536, past })
  try {
    await write(target.written)
  } finally {
    await target.close()
  }
  return readFileSync(path)
}

test('each slot begins with a page of memory, also when its length is none', () => {
  const slots = makeSlots(3, pageBytes + 100, true)
  const places = [0, 1, 2].map((slot) => Number(koffi.address(inSlot(slots, slot, 0, 1)) % BigInt(pageBytes)))
  expect(places).toEqual([0, 0, 0])
})

test('large pieces go past the memory, others through it, and all of them are in the file', async () => {
  const slots = filled(true)
  const bytes = await written('both', true, async (into) => {
    expect(flagsOf(into.direct ?? -1) & constants.O_DIRECT).not.toBe(0)
    const write = writerTo(into)
    const large = write(inSlot(slots, 0, 0, 2 * mib), mib)
    expect(large).toBeInstanceOf(Promise)
    expect(write(inSlot(slots, 1, 0, pageBytes), 0)).toBeUndefined()
    expect(write(inSlot(slots, 1, 0, mib + 512), 3 * mib)).toBeUndefined()
    await large
  })
  const expected = [Buffer.alloc(pageBytes, 2), Buffer.alloc(mib - pageBytes), Buffer.alloc(2 * mib, 1)]
  expect(bytes.equals(Buffer.concat([...expected, Buffer.alloc(mib + 512, 2)]))).toBe(true)
})

test('what lies in no page is written nevertheless', async () => {
  const slots = filled(true)
  const bytes = await written('shifted', true, async (into) => writerTo(into)(inSlot(slots, 1, 16, mib), 0))
  expect(bytes.equals(Buffer.alloc(mib, 2))).toBe(true)
})

test('a file that is not to be written past the memory is not', async () => {
  const slots = filled(false)
  const bytes = await written('through', false, async (into) => {
    expect(writerTo(into)(inSlot(slots, 0, 0, mib), 0)).toBeUndefined()
  })
  expect(bytes.equals(Buffer.alloc(mib, 1))).toBe(true)
})

test('a disk that is full says so', async () => {
  const full = openSync('/dev/full', 'w')
  const write = writerTo({ fd: full, direct: full })
  await expect(write(inSlot(filled(true), 0, 0, mib), 0)).rejects.toThrow('ENOSPC')
  closeSync(full)
})

describe.skipIf(isInMemory(folder)).each(['raw', 'qcow2'] as const)('a copy to %s', (format) => {
  test('leaves next to nothing of itself in memory', async () => {
    const image = join(folder, `full-${format}.vmdk`)
    writeFileSync(image, streamOptimized(Buffer.alloc(64 * mib, 'the quick brown fox ')))
    const path = join(folder, `copied.${format}`)
    await copied(image, path, format)
    expect(mibInMemory(path)).toBeLessThan(4)
    expect(compare(image, path, format)).toContain('identical')
  })
})
