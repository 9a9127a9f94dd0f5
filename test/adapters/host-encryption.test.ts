import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { encryptionOf } from '../../src/adapters/host/encryption.ts'
import { temporaryFolder } from '../support/machines.ts'

const luks = 'CRYPT-LUKS2-0123456789abcdef0123456789abcdef-vms'

/** A sysfs in which the device under `folder` is the first of these; each has a mapping's UUID and what lies below it. */
function sysfs(folder: string, devices: readonly { readonly uuid?: string; readonly below?: readonly number[] }[]) {
  const sys = temporaryFolder()
  const { dev } = statSync(folder, { bigint: true })
  const names = devices.map((_, index) =>
    index === 0 ? `${(dev >> 8n) & 0xfffn}:${(dev & 0xffn) | ((dev >> 12n) & 0xffffff00n)}` : `254:${index}`,
  )
  const at = (index: number) => join(sys, 'dev/block', names[index] ?? '')
  for (const [index, { uuid, below = [] }] of devices.entries()) {
    mkdirSync(join(at(index), 'slaves'), { recursive: true })
    if (uuid !== undefined) mkdirSync(join(at(index), 'dm'))
    if (uuid !== undefined) writeFileSync(join(at(index), 'dm/uuid'), `${uuid}\n`)
    for (const one of below) symlinkSync(at(one), join(at(index), 'slaves', `dm-${one}`))
  }
  return { sys, mountinfo: join(sys, 'no-mountinfo') }
}

test.each([
  ['a partition', [{}], 'plain'],
  ['LUKS', [{ uuid: luks }], 'encrypted'],
  ['LVM on LUKS', [{ uuid: 'LVM-abc', below: [1] }, { uuid: luks, below: [2] }, {}], 'encrypted'],
  ['LVM over LUKS and a plain disk', [{ uuid: 'LVM-abc', below: [1, 2] }, { uuid: luks }, {}], 'plain'],
  ['a mapping that only verifies', [{ uuid: 'CRYPT-VERITY-0123-root', below: [1] }, {}], 'plain'],
] as const)('%s', (_name, devices, expected) => {
  const folder = temporaryFolder()
  expect(encryptionOf(join(folder, 'not/there/yet.qcow2'), sysfs(folder, devices))).toBe(expected)
})

test('what lies on no device cannot be told', () => {
  expect(encryptionOf('/proc/self')).toBe('unknown')
})
