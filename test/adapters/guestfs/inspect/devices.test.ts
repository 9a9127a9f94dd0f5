import { describe, expect, it } from 'vitest'
import { deviceOf } from '../../../../src/adapters/guestfs/device-spec.ts'
import { inspected, devices as known } from './trees.ts'

describe('the device that fstab means', () => {
  it.each([
    ['UUID=1111-aaaa', '/dev/sda1'],
    ['UUID="2222"', '/dev/vg-0/root'],
    ['UUID=5555', '/dev/sda5'],
    ['UUID=0000', undefined],
    ['LABEL=boot', '/dev/sda1'],
    ['/dev/disk/by-label/my\\x20data', '/dev/sdb1'],
    ['/dev/disk/by-uuid/3333', '/dev/sda3'],
    ['PARTUUID=AA-01', '/dev/sda1'],
    ['PARTLABEL=part of data', '/dev/sdb1'],
    ['/dev/sda3', '/dev/sda3'],
    ['/dev/hda1', '/dev/sda1'],
    ['/dev/nvme1n1p1', '/dev/sdb1'],
    ['/dev/vdb1', '/dev/sdb1'],
    ['/dev/sdc1', undefined],
    ['/dev/mapper/vg--0-root', '/dev/vg-0/root'],
    ['/dev/vg-0/root', '/dev/vg-0/root'],
    ['/dev/mapper/vg--0-none', undefined],
    ['/dev/disk/by-path/pci-0000:03:00.0-scsi-0:0:1:0-part1', '/dev/sdb1'],
    ['/dev/disk/by-path/pci-0000:00:10.0-scsi-0:0:7:0-part1', undefined],
    ['/dev/disk/by-path/pci-0000:00:07.1-ata-1-part1', '/dev/sda1'],
    ['tmpfs', undefined],
    ['nas:/export', undefined],
  ])('%s is %s', (spec, device) => {
    expect(deviceOf(spec, known)).toBe(device)
  })

  it('is what an encrypted device was opened as', async () => {
    const { linux } = await inspected({
      '/etc/crypttab': '# name device key\nsecret UUID=5555 none luks\nother /dev/sdz none\n',
      '/etc/fstab':
        '# comment\n\n/dev/mapper/secret /home\\040dir ext4 defaults\n/dev/mapper/other /other ext4 ro 0 0\nbroken\n',
    })
    expect(linux.crypttab).toEqual([
      { name: 'secret', device: '/dev/sda5' },
      { name: 'other', device: '/dev/sdz' },
    ])
    expect(linux.fstab).toEqual([
      {
        line: 3,
        spec: '/dev/mapper/secret',
        mountpoint: '/home dir',
        type: 'ext4',
        options: 'defaults',
        device: '/dev/mapper/h2k0',
      },
      { line: 4, spec: '/dev/mapper/other', mountpoint: '/other', type: 'ext4', options: 'ro' },
    ])
  })
})
