import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readingAhead } from '../../../src/adapters/copy/read-ahead.ts'
import { coldFile, isInMemory, mibInMemory } from '../../support/page-cache.ts'

const mib = 2 ** 20
const folder = mkdtempSync(join(tmpdir(), 'h2k-ahead-'))
afterAll(() => rmSync(folder, { recursive: true }))

function ahead(path: string, mibs: number, until: number): void {
  const fd = openSync(path, 'r')
  readingAhead({ name: path, fd, offsetBytes: 0, lengthBytes: mibs * mib, compressed: true })(until)
  closeSync(fd)
}

const inMemory = isInMemory(folder)

test.skipIf(inMemory)('the kernel reads the next 32 MiB of a file, and no more', async () => {
  const path = coldFile(join(folder, 'large'), 96)
  ahead(path, 96, 8 * mib)
  await expect.poll(() => mibInMemory(path), { timeout: 20_000 }).toBeGreaterThanOrEqual(32)
  expect(mibInMemory(path)).toBeLessThan(64)
})

test.skipIf(inMemory)('a small file is left alone', () => {
  const path = coldFile(join(folder, 'small'), 24)
  ahead(path, 24, 0)
  expect(mibInMemory(path)).toBe(0)
})
