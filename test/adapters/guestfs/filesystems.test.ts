import { expect, test } from 'vitest'
import { type Appliance, CallError } from '../../../src/adapters/guestfs/appliance.ts'
import { listFilesystems } from '../../../src/adapters/guestfs/filesystems.ts'
import { type Tags, tagReader } from '../../../src/adapters/guestfs/tags.ts'

/** The list for devices with these tags; those whose tags have a partition's type are partitions. */
async function listed(tags: Readonly<Record<string, Tags>>) {
  const devices = Object.keys(tags)
  const partitions = devices.filter((device) => tags[device]?.PART_ENTRY_TYPE !== undefined)
  const call = async (name: string, [device]: readonly unknown[] = []) =>
    name === 'blkid' ? tags[String(device)] : { [`asked by ${name}`]: 'btrfs', '/dev/sdz': 'unknown' }
  const appliance = { call, end: async () => undefined } as unknown as Appliance
  return await listFilesystems(appliance, devices, partitions, tagReader(appliance))
}

const linux = { PART_ENTRY_TYPE: '0x83' }

test('a device with a number is not taken for one with partitions', async () => {
  const names = [
    '/dev/sda1',
    '/dev/sda10',
    '/dev/md12',
    '/dev/md127',
    '/dev/vg/home',
    '/dev/vg/home2',
    '/dev/mapper/h2k1',
  ]
  const tags = names.map((name) => [name, { TYPE: 'ext4', ...(name.startsWith('/dev/sda') ? linux : {}) }] as const)
  expect(await listed(Object.fromEntries(tags))).toEqual(names.map((name) => [name, 'ext4']))
})

test('of disks and arrays with partitions these count', async () => {
  const found = await listed({
    '/dev/sda': { TYPE: 'iso9660' },
    '/dev/sda1': { TYPE: 'ext4', ...linux },
    '/dev/md127': { TYPE: 'xfs' },
    '/dev/md127p1': { TYPE: 'swap', ...linux },
    '/dev/sdb': { TYPE: 'vfat' },
  })
  expect(found).toEqual([
    ['/dev/sda1', 'ext4'],
    ['/dev/md127p1', 'swap'],
    ['/dev/sdb', 'vfat'],
  ])
})

test.each<Tags>([
  {},
  { PTTYPE: 'dos' },
  { TYPE: 'LVM2_member' },
  { TYPE: 'linux_raid_member' },
  { TYPE: 'crypto_LUKS' },
  { TYPE: 'BitLocker' },
  { TYPE: 'ntfs', PART_ENTRY_TYPE: 'e3c9e316-0b5c-4db8-817d-f92df00215ae' },
  { TYPE: 'ntfs', PART_ENTRY_TYPE: 'CADDEBF1-4400-4DE8-B103-12117DCF3CCF' },
  { TYPE: 'vfat', PART_ENTRY_TYPE: '0xf' },
])('%j is no file system', async (tags) => {
  expect(await listed({ '/dev/sda1': tags })).toEqual([])
})

test.each<Tags>([
  { TYPE: 'btrfs' },
  { PART_ENTRY_TYPE: '0x42' },
  { PART_ENTRY_TYPE: 'AF9B60A0-1431-4F62-BC68-3311714A69AD' },
])('libguestfs is asked for what lies in %j', async (tags) => {
  expect(await listed({ '/dev/sda1': tags })).toEqual([['asked by list_filesystems', 'btrfs']])
})

test('a device that could not be read is looked at again, and no other', async () => {
  const asked: string[] = []
  let active = false
  const call = async (_: string, [device]: readonly unknown[]) => {
    asked.push(String(device))
    if (device === '/dev/vg/root' && !active) throw new CallError('no such device')
    return { TYPE: 'ext4', LABEL: 'my\\ disk' }
  }
  const tagsOf = tagReader({ call } as unknown as Appliance)
  expect(await tagsOf('/dev/vg/root')).toEqual({})
  active = true
  for (const device of ['/dev/vg/root', '/dev/vg/root', '/dev/sda1', '/dev/sda1']) {
    expect(await tagsOf(device)).toEqual({ TYPE: 'ext4', LABEL: 'my disk' })
  }
  expect(asked).toEqual(['/dev/vg/root', '/dev/vg/root', '/dev/sda1'])
})
