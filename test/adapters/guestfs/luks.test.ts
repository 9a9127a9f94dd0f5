import { expect, test } from 'vitest'
import type { Devices } from '../../../src/adapters/guestfs/devices.ts'
import { guestNames } from '../../../src/adapters/guestfs/luks.ts'
import type { System } from '../../../src/adapters/guestfs/mount-guest.ts'

const luks = ['/dev/sda2', '/dev/sdb1', '/dev/sdc1'].map((device, index) => ({
  device,
  opened: `/dev/mapper/h2k${index}`,
}))
const devices: Devices = {
  disks: [],
  filesystems: [],
  luks: [...luks, { device: '/dev/sdd1' }],
  layers: ['luks'],
  partitions: [],
}

function names(...crypttab: System['crypttab']) {
  const root = { mountable: '/dev/sda1', device: '/dev/sda1', type: 'ext4' }
  return [...guestNames(devices, [{ family: 'linux', root, mounts: [], crypttab }])]
}

test('what is open gets the name that the guest has for it', () => {
  expect(names({ name: 'root', device: '/dev/sda2' }, { name: 'data_1', device: '/dev/sdb1' })).toEqual([
    ['/dev/sda2', 'root'],
    ['/dev/sdb1', 'data_1'],
  ])
})

test('what stayed closed, or has its name already, is left', () => {
  expect(names({ name: 'more', device: '/dev/sdd1' }, { name: 'h2k0', device: '/dev/sda2' })).toEqual([])
})

test('two names of one device, and one name of two, are given once', () => {
  const twice = [
    { name: 'root', device: '/dev/sda2' },
    { name: 'again', device: '/dev/sda2' },
    { name: 'root', device: '/dev/sdb1' },
  ]
  expect(names(...twice)).toEqual([['/dev/sda2', 'root']])
})

test.each(['control', '-v', '../sda', 'a/b', 'a b', 'x'.repeat(128), ''])(
  '%j is no name to open anything under',
  (name) => {
    expect(names({ name, device: '/dev/sda2' })).toEqual([])
  },
)
