import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { readImageHeader } from '../../../src/adapters/image-header.ts'
import type { ImageFormat, ImageHeader, ImageLocation } from '../../../src/core/image.ts'
import { type Problem, problemsOf } from '../../../src/core/problem.ts'
import { qemuImg } from '../../support/machines.ts'

export const sector = 512
export const mib = 2 ** 20

export const never = new AbortController().signal

/** A folder that is gone when the tests of its file are over. */
export function sharedFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'h2k-test-image-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A kind of image that qemu-img makes. */
export interface Kind {
  readonly name: string
  readonly format: ImageFormat
  /** For `-o`. */
  readonly options?: string
  readonly compressed?: boolean
  readonly variant: string
}

export const kinds: readonly Kind[] = [
  ...['streamOptimized', 'monolithicSparse', 'monolithicFlat', 'twoGbMaxExtentSparse', 'twoGbMaxExtentFlat'].map(
    (variant) => ({ name: `vmdk ${variant}`, format: 'vmdk' as const, options: `subformat=${variant}`, variant }),
  ),
  { name: 'vmdk with zeroed grains', format: 'vmdk', options: 'zeroed_grain=on', variant: 'monolithicSparse' },
  { name: 'qcow2 v2', format: 'qcow2', options: 'compat=0.10', variant: 'v2' },
  { name: 'qcow2 v3', format: 'qcow2', variant: 'v3' },
  { name: 'qcow2 compressed', format: 'qcow2', compressed: true, variant: 'v3' },
  {
    name: 'qcow2 compressed by zstd',
    format: 'qcow2',
    options: 'compression_type=zstd',
    compressed: true,
    variant: 'v3',
  },
  { name: 'qcow2 with extended tables', format: 'qcow2', options: 'extended_l2=on', variant: 'v3' },
  { name: 'qcow2 with small clusters', format: 'qcow2', options: 'cluster_size=512', compressed: true, variant: 'v3' },
  { name: 'qcow2 with large clusters', format: 'qcow2', options: 'cluster_size=2M', variant: 'v3' },
  { name: 'qcow2 preallocated', format: 'qcow2', options: 'preallocation=metadata', variant: 'v3' },
  { name: 'qcow2 with lazy refcounts', format: 'qcow2', options: 'lazy_refcounts=on', variant: 'v3' },
  { name: 'vhdx dynamic', format: 'vhdx', options: 'block_size=1M', variant: 'dynamic' },
  { name: 'vhdx fixed', format: 'vhdx', options: 'subformat=fixed,block_size=1M', variant: 'fixed' },
  { name: 'vhd dynamic', format: 'vhd', variant: 'dynamic' },
  { name: 'vhd dynamic of exact size', format: 'vhd', options: 'force_size=on', variant: 'dynamic' },
  { name: 'vhd fixed', format: 'vhd', options: 'subformat=fixed', variant: 'fixed' },
  { name: 'vdi dynamic', format: 'vdi', variant: 'dynamic' },
  { name: 'vdi static', format: 'vdi', options: 'static=on', variant: 'static' },
  { name: 'raw', format: 'raw', variant: 'raw' },
]

export function driverOf(format: ImageFormat): string {
  return format === 'vhd' ? 'vpc' : format
}

/** Makes an image of a kind from a raw disk; its file, whose name is that of the kind. */
export function makeImage(folder: string, raw: string, { name, format, options, compressed }: Kind): string {
  const path = join(folder, `${name.replaceAll(' ', '-')}.${format}`)
  const flags = [...(compressed ? ['-c'] : []), ...(options ? ['-o', options] : [])]
  qemuImg('convert', '-f', 'raw', '-O', driverOf(format), ...flags, raw, path)
  return path
}

/** Writes a copy of an image whose bytes `change` has changed, or the bytes that it returns instead; its file. */
export function patched(from: string, to: string, change: (bytes: Buffer) => unknown): string {
  const bytes = readFileSync(from)
  const changed = change(bytes)
  writeFileSync(to, Buffer.isBuffer(changed) ? changed : bytes)
  return to
}

/** Several changes to the same bytes. */
export function inTurn(...changes: readonly ((bytes: Buffer) => unknown)[]): (bytes: Buffer) => void {
  return (bytes) => {
    for (const change of changes) change(bytes)
  }
}

export function header(path: string, format: ImageFormat, rest: Partial<ImageLocation> = {}): Promise<ImageHeader> {
  return readImageHeader({ path, format, ...rest }, never)
}

/** The problem that stopped `work`; another error, or none, fails the test. */
export async function problemIn(work: Promise<unknown>): Promise<Problem> {
  const thrown: unknown = await work.then(
    (result) => new Error(`no problem, but ${JSON.stringify(result)}`),
    (error: unknown) => error,
  )
  const [found] = problemsOf(thrown) ?? []
  if (found === undefined) throw thrown
  return found
}
