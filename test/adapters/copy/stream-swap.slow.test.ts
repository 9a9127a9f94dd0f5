import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { streamCopier } from '../../../src/adapters/copy/stream/copy-stream.ts'
import type { LeftOut } from '../../../src/adapters/copy/stream/leaving-out.ts'
import { remoteSwap } from '../../../src/adapters/copy/stream/remote-swap.ts'
import { sha256 } from '../../../src/adapters/files/digest.ts'
import { unwritable } from '../../../src/adapters/files/unwritable.ts'
import { completeFile, partialName } from '../../../src/adapters/files/write-whole.ts'
import { readArrivingVmdk } from '../../../src/adapters/image-header.ts'
import { problemsOf } from '../../../src/core/problem.ts'
import { qemuImg } from '../../support/machines.ts'
import { expectLeftOut, leftOutOf, makeNtfsDisk } from '../../support/ntfs-disk.ts'
import { change, expectSkipped, makeSwapDisk } from '../../support/swap-disk.ts'
import { streamOptimized } from '../image-header/esxi-vmdk.ts'
import { sharedFolder } from '../image-header/images.ts'

const folder = sharedFolder()
const disk = makeSwapDisk(join(folder, 'disk.raw'), 'gpt')
qemuImg('convert', '-f', 'raw', '-O', 'vmdk', '-o', 'subformat=streamOptimized', disk.path, join(folder, 'qemu.vmdk'))
const images = {
  qemu: readFileSync(join(folder, 'qemu.vmdk')),
  vmware: streamOptimized(readFileSync(disk.path)),
}
const copy = streamCopier({ readBeginning: readArrivingVmdk, partialName, complete: completeFile, sha256, unwritable })

function found(image: Buffer) {
  const read = async (offset: number, length: number) => Buffer.from(image.subarray(offset, offset + length))
  return remoteSwap(readArrivingVmdk)({ name: 'disk', lengthBytes: image.length, read })
}

function copied(image: Buffer, path: string, format: 'raw' | 'qcow2', leftOut: LeftOut) {
  const pieces = Array.from({ length: Math.ceil(image.length / 50_000) }, (_, at) =>
    image.subarray(at * 50_000, (at + 1) * 50_000),
  )
  return copy(
    { name: 'disk', bytes: Readable.from(pieces), expected: { lengthBytes: image.length } },
    { path, format, leftOut },
    { signal: new AbortController().signal, progress: () => undefined },
  )
}

describe.each(['qemu', 'vmware'] as const)('a disk that arrives, written by %s', (writer) => {
  test.each(['raw', 'qcow2'] as const)('leaves its swap behind on its way to %s', async (format) => {
    const swap = await found(images[writer])
    if (!swap) throw new Error('no swap was looked for')
    const path = join(folder, `${writer}.${format}`)
    const made = await copied(images[writer], path, format, swap)
    const raw = format === 'raw' ? path : `${path}.raw`
    if (format !== 'raw') qemuImg('convert', '-f', format, '-O', 'raw', path, raw)
    expectSkipped(readFileSync(raw), disk)
    expect(made.skippedBytes).toBeGreaterThan(disk.swapBytes - 3 * 65_536)
    expect(swap.atMost).toBeGreaterThanOrEqual(made.skippedBytes ?? 0)
    expect(await sha256(path, new AbortController().signal)).toBe(made.sha256)
  })

  test('is refused when it is not what was looked at before', async () => {
    const swap = await found(images[writer])
    if (!swap) throw new Error('no swap was looked for')
    for (const seen of [
      new Map([[0, 'another digest']]),
      new Map([[10, undefined]]),
      new Map([[99_999, 'something']]),
    ]) {
      const path = join(folder, 'never.raw')
      const problems = await copied(images[writer], path, 'raw', { ...swap, seen }).then(() => undefined, problemsOf)
      expect(problems?.[0]).toMatchObject({ code: 'SOURCE_CHANGED' })
      expect(existsSync(path) || existsSync(partialName(path))).toBe(false)
    }
  })
})

test('a disk of Windows that arrives leaves behind what it swapped out', async () => {
  const windows = makeNtfsDisk(join(folder, 'windows.raw'), 'gpt')
  const image = streamOptimized(readFileSync(windows.path))
  const swap = await found(image)
  if (!swap) throw new Error('no swap was looked for')
  // What is asked for: a request for each grain.
  expect(swap.seen.size).toBeLessThan(12)
  const path = join(folder, 'windows.copy')
  const made = await copied(image, path, 'raw', swap)
  expectLeftOut(readFileSync(path), windows)
  expect(made.skippedBytes).toBe(leftOutOf(windows))
})

test('a guest that is hibernated is refused before it arrives', async () => {
  const other = makeSwapDisk(join(folder, 'other.raw'), 'lvm')
  change(other.path, other.swapAt + 4086, 'S1SUSPEND\0')
  const problems = await found(streamOptimized(readFileSync(other.path))).then(() => undefined, problemsOf)
  expect(problems?.[0]).toMatchObject({ code: 'GUEST_REFUSED' })
})

test.each([
  ['no VMDK', Buffer.alloc(100_000, 'x')],
  ['an empty file', Buffer.alloc(0)],
  ['one that is cut off', images.vmware.subarray(0, images.vmware.length - 700)],
])('in %s nothing is looked for', async (_, image) => expect(await found(image)).toBeUndefined())
