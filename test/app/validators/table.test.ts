import { execFileSync } from 'node:child_process'
import { rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createRunner } from '../../../src/adapters/exec/runner.ts'
import { createFiles } from '../../../src/adapters/files/files.ts'
import { readImageHeader } from '../../../src/adapters/image-header.ts'
import { checkImage, compareImages } from '../../../src/adapters/qemu/check.ts'
import { diskValidators, validateDisk } from '../../../src/app/validators/table.ts'
import type { ImageLocation } from '../../../src/core/image.ts'
import { qemuImg, temporaryFolder, writeRaw } from '../../support/machines.ts'

const mib = 1 << 20
const all = { checkImage: true, compareSource: true }
const signal = AbortSignal.timeout(60_000)
const runner = createRunner()
const disks = {
  header: readImageHeader,
  check: (image: ImageLocation) => checkImage(runner, image, signal),
  compare: (from: ImageLocation, to: ImageLocation) => compareImages(runner, from, to, signal),
}

function copied() {
  const folder = temporaryFolder()
  const source = { path: join(folder, 'a.raw'), format: 'raw' } as const
  const image = { path: join(folder, 'a.qcow2'), format: 'qcow2' } as const
  writeRaw(source.path, 8)
  qemuImg('convert', '-f', 'raw', '-O', 'qcow2', source.path, image.path)
  const means = { disks, files: createFiles() } as unknown as Parameters<typeof validateDisk>[2]
  const wrong = async (virtualBytes = 8 * mib) => {
    const findings = await validateDisk({ id: 'boot', virtualBytes, image, source }, all, means, signal)
    return findings.flatMap(({ rule, severity, hint }) =>
      severity === 'info' ? [] : [`${severity} ${rule} -> ${hint?.slice(0, 11)}`],
    )
  }
  return { image, source, wrong }
}

describe('a written disk', () => {
  test('that is sound has nothing wrong', async () => {
    expect(await copied().wrong()).toEqual([])
  })

  test.each([
    ['is gone', 'critical disk_exists', (path: string) => rmSync(path)],
    ['is empty', 'critical disk_non_zero', (path: string) => truncateSync(path, 0)],
    ['is something else', 'error disk_readable', (path: string) => writeFileSync(path, 'x'.repeat(mib))],
    ['is smaller', 'error disk_size', (path: string) => qemuImg('resize', '--shrink', '-f', 'qcow2', path, '4M')],
    [
      'has other content',
      'critical content',
      (path: string) => execFileSync('qemu-io', ['-f', 'qcow2', '-c', 'write -P 7 0 512', path]),
    ],
  ])('that %s: %s', async (_what, expected, damage) => {
    const { image, wrong } = copied()
    damage(image.path)
    expect(await wrong()).toEqual([`${expected} -> apply again`])
  })
})

test('what the manifest does not ask for is not looked at', () => {
  const ids = diskValidators({ checkImage: false, compareSource: false }).map(({ id }) => id)
  expect(ids).toEqual(['disk_exists', 'disk_non_zero', 'disk_readable', 'disk_size'])
})
