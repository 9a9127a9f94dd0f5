import { closeSync, fsyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execaSync } from 'execa'
import { afterAll, expect, test } from 'vitest'
import { readingAhead } from '../../../src/adapters/copy/read-ahead.ts'

const mib = 2 ** 20
const folder = mkdtempSync(join(tmpdir(), 'h2k-ahead-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** How much of a file the kernel has in memory, in MiB. */
function mibInMemory(path: string): number {
  const { stdout } = execaSync('fincore', ['--bytes', '--noheadings', '--output', 'RES', path])
  return Number(stdout) / mib
}

/** A file on the disk of which nothing is in memory, but where its file system is memory. */
function coldFile(mibs: number): string {
  const path = join(folder, `${mibs}`)
  const file = openSync(path, 'w')
  for (let at = 0; at < mibs; at++) writeSync(file, Buffer.alloc(mib, at))
  fsyncSync(file)
  closeSync(file)
  execaSync('dd', [`if=${path}`, 'iflag=nocache', 'count=0'])
  return path
}

function ahead(path: string, mibs: number, until: number): void {
  const fd = openSync(path, 'r')
  readingAhead({ name: path, fd, offsetBytes: 0, lengthBytes: mibs * mib, compressed: true })(until)
  closeSync(fd)
}

const inMemoryOnly = mibInMemory(coldFile(1)) > 0

test.skipIf(inMemoryOnly)('the kernel reads the next 32 MiB of a file, and no more', async () => {
  const path = coldFile(96)
  ahead(path, 96, 8 * mib)
  await expect.poll(() => mibInMemory(path), { timeout: 20_000 }).toBeGreaterThanOrEqual(32)
  expect(mibInMemory(path)).toBeLessThan(64)
})

test.skipIf(inMemoryOnly)('a small file is left alone', () => {
  const path = coldFile(24)
  ahead(path, 24, 0)
  expect(mibInMemory(path)).toBe(0)
})
