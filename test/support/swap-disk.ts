import { execFileSync } from 'node:child_process'
import { closeSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { expect } from 'vitest'
import { lvmBeginning, lvmBytes } from './lvm-volume.ts'
import { writeRaw } from './machines.ts'

const mib = 2 ** 20
const page = 4096
const grain = 65_536
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` }

export interface SwapDisk {
  /** A raw disk. */
  readonly path: string
  /** Where its swap begins, in bytes. */
  readonly swapAt: number
  readonly swapBytes: number
  /** Where it lies, in its order; the end is no part of it. */
  readonly areas: readonly { readonly start: number; readonly end: number }[]
}

/** `logical`: a logical partition of an MBR; `none`: the disk as a whole; `lvm`, `lvm-disk`: LVM in a partition, and on all of it. */
export type SwapKind = 'gpt' | 'mbr' | 'logical' | 'none' | 'lvm' | 'lvm-disk'

const swapAreaMib = 8
const mebibytes = 24

/**
 * A disk full of noise, with partitions by sfdisk and one of them made swap by mkswap, whose other pages are full of noise too.
 */
export function makeSwapDisk(path: string, kind: SwapKind): SwapDisk {
  if (kind === 'lvm' || kind === 'lvm-disk') return makeLvmDisk(path, kind === 'lvm')
  writeRaw(path, mebibytes, mebibytes)
  const layouts = {
    gpt: 'label: gpt\n,6M,L\n,8M,S\n,,L\n',
    mbr: 'label: dos\n,6M,L\n,8M,S\n,,L\n',
    logical: 'label: dos\n,6M,L\n,,E\n,3M,L\n,8M,S\n',
    none: '',
  }
  if (kind === 'none') {
    const swapBytes = mkswap(path, 0, mebibytes * mib)
    return { path, swapAt: 0, swapBytes, areas: [{ start: 0, end: swapBytes }] }
  }
  execFileSync('sfdisk', ['-q', path], { input: layouts[kind], env })
  const table = JSON.parse(execFileSync('sfdisk', ['--json', path], { encoding: 'utf8', env })) as {
    partitiontable: { partitions: { start: number; type: string }[] }
  }
  const swap = table.partitiontable.partitions.find(({ type }) => type === '82' || type.startsWith('0657FD6D'))
  const swapAt = (swap?.start ?? 0) * 512
  const swapBytes = mkswap(path, swapAt, swapAreaMib * mib)
  return { path, swapAt, swapBytes, areas: [{ start: swapAt, end: swapAt + swapBytes }] }
}

function makeLvmDisk(path: string, inPartition: boolean): SwapDisk {
  const volumeAt = inPartition ? 3 * mib : 0
  writeRaw(path, (volumeAt + lvmBytes) / mib + 1, (volumeAt + lvmBytes) / mib + 1)
  if (inPartition) execFileSync('sfdisk', ['-q', path], { input: 'label: dos\n,2M,L\n,47M,8e\n', env })
  change(path, volumeAt, lvmBeginning())
  const areas = [
    { start: volumeAt + 11 * mib, end: volumeAt + 17 * mib },
    { start: volumeAt + 31 * mib, end: volumeAt + 35 * mib },
  ]
  const swapAt = volumeAt + 11 * mib
  return { path, swapAt, swapBytes: mkswap(path, swapAt, 10 * mib), areas }
}

// mkswap writes its first page alone, and wants the space before its own to be empty.
function mkswap(path: string, at: number, bytes: number): number {
  const area = `${path}.swap`
  writeFileSync(area, Buffer.alloc(bytes), { mode: 0o600 })
  execFileSync('mkswap', ['-L', 'paging', '-U', '0b5e7a0d-4a7c-4a7b-9d8e-7a3c0f4f3a11', area], { stdio: 'pipe', env })
  change(path, at, readFileSync(area).subarray(0, 4096))
  rmSync(area)
  return bytes
}

/** Overwrites some bytes of a file. */
export function change(path: string, at: number, bytes: Buffer | string): void {
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.from(bytes), 0, Buffer.byteLength(bytes), at)
  closeSync(file)
}

/** What blkid says of the swap at a place of a raw disk. */
export function swapIdentity(path: string, at: number): string {
  return execFileSync('blkid', ['-p', '-O', String(at), '-o', 'export', path], { encoding: 'utf8', env })
    .split('\n')
    .filter((line) => /^(LABEL|UUID|TYPE)=/.test(line))
    .toSorted()
    .join(' ')
}

/** Everything but swapped pages is the same, and those are zeros but for what shares a grain with the rest. */
export function expectSkipped(copy: Buffer, { path, swapAt, swapBytes, areas }: SwapDisk): void {
  const disk = readFileSync(path)
  expect(copy.length).toBe(disk.length)
  let [before, skipped] = [0, 0]
  for (const { start, end } of areas) {
    const from = Math.ceil((start === swapAt ? start + page : start) / grain) * grain
    const to = Math.floor(end / grain) * grain
    expect(copy.subarray(before, from).equals(disk.subarray(before, from))).toBe(true)
    expect(copy.subarray(from, to).every((byte) => byte === 0)).toBe(true)
    before = to
    skipped += to - from
  }
  expect(copy.subarray(before).equals(disk.subarray(before))).toBe(true)
  expect(skipped).toBeGreaterThan(swapBytes - 3 * grain)
}
