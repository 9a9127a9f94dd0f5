import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, expect, test } from 'vitest'
import { partialName } from '../../../src/adapters/files/write-whole.ts'
import { qemuImg } from '../../support/machines.ts'
import { streamOptimized } from '../image-header/esxi-vmdk.ts'
import { sharedFolder } from '../image-header/images.ts'
import { compare, copied, mib, mixedDisk, sha256Of } from './copies.ts'

const folder = sharedFolder()
const disk = mixedDisk(240 * mib)
const [stream, sparse] = [join(folder, 'stream.vmdk'), join(folder, 'sparse.vmdk')]

beforeAll(() => {
  const raw = join(folder, 'disk.raw')
  writeFileSync(raw, disk)
  writeFileSync(stream, streamOptimized(disk))
  qemuImg('convert', '-f', 'raw', '-O', 'vmdk', raw, sparse)
}, 60_000)

/** How many chunks a copy to `path` would go on behind. */
function vouchedFor(path: string): number {
  const checkpoint = `${partialName(path)}.done`
  return existsSync(checkpoint) ? JSON.parse(readFileSync(checkpoint, 'utf8')).chunks : 0
}

test.each([
  ['raw', stream],
  ['qcow2', stream],
  ['raw', sparse],
  ['qcow2', sparse],
] as const)('a copy to %s that is killed again and again goes on each time', async (format, image) => {
  const path = join(folder, `killed-${image === stream ? 'stream' : 'sparse'}.${format}`)
  const reached: number[] = []
  for (let round = 0; round < 8 && !existsSync(path); round++) {
    const before = vouchedFor(path)
    const child = spawn(process.execPath, [join(import.meta.dirname, 'copy.child.ts'), image, path, format], {
      stdio: 'ignore',
    })
    const exited = once(child, 'exit')
    const isOver = () => child.exitCode !== null || child.signalCode !== null
    while (vouchedFor(path) <= before && !isOver()) await sleep(2)
    await sleep(Math.random() * 40)
    child.kill('SIGKILL')
    await exited
    if (!existsSync(path)) reached.push(vouchedFor(path))
  }
  expect(reached.every((chunks) => chunks > 0)).toBe(true)
  expect(reached).toEqual(reached.toSorted((a, b) => a - b))
  if (!existsSync(path)) {
    // What is there is not read from the image again: its first grains may be gone by now.
    const spoilt = readFileSync(image)
    spoilt.fill(0xff, 128 * 512, 130 * 512)
    const other = `${path}.spoilt.vmdk`
    writeFileSync(other, spoilt)
    await copied(other, path, format)
  }
  if (format === 'raw') expect(readFileSync(path).equals(disk)).toBe(true)
  else expect(compare(image, path, 'qcow2')).toMatch(/identical/)
  const whole = await copied(image, join(folder, `whole.${format}`), format)
  expect(sha256Of(path)).toBe(whole.sha256)
})
