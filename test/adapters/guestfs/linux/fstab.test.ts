import { describe, expect, it } from 'vitest'
import { filesystems, inspectionOf, repaired } from './guests.ts'

const fstab = `# <file system> <mount point> <type> <options> <dump> <pass>
/dev/sda1\t/               ext4    errors=remount-ro 0       1
 /dev/sda5  none  swap  sw  0  0
LABEL=data /data xfs defaults 0 2
/dev/mapper/vg-home /home ext4 defaults 0 2
/dev/vg/var /var ext4 defaults 0 2
/data/srv /srv none bind 0 0
nas:/export /mnt nfs defaults,_netdev 0 0
tmpfs /tmp tmpfs size=1g 0 0
/swapfile none swap sw 0 0
/dev/sr0 /media/cdrom0 udf,iso9660 user,noauto 0 0
#/dev/sda1 /old ext3 defaults 0 0
/dev/disk/by-path/pci-0000:03:00.0-scsi-0:0:0:0-part1 /copy ext4 ro 0 0
.host:/ /mnt/hgfs fuse.vmhgfs-fuse allow_other 0 0
`

describe('fstab', () => {
  it('stabilize-all: what names a device by kernel or path goes by UUID, the rest stays as it is written', async () => {
    const { diff, changes } = await repaired({ '/etc/fstab': fstab }, { fstabMode: 'stabilize-all' })
    expect(diff).toMatchInlineSnapshot(`
      "--- a/etc/fstab
      +++ b/etc/fstab
      @@ -1,6 +1,6 @@
       # <file system> <mount point> <type> <options> <dump> <pass>
      -/dev/sda1	/               ext4    errors=remount-ro 0       1
      - /dev/sda5  none  swap  sw  0  0
      +UUID=11111111-0000-4000-8000-000000000000	/               ext4    errors=remount-ro 0       1
      + UUID=55555555-0000-4000-8000-000000000000  none  swap  sw  0  0
       LABEL=data /data xfs defaults 0 2
       /dev/mapper/vg-home /home ext4 defaults 0 2
       /dev/vg/var /var ext4 defaults 0 2
      @@ -10,5 +10,5 @@
       /swapfile none swap sw 0 0
       /dev/sr0 /media/cdrom0 udf,iso9660 user,noauto 0 0
       #/dev/sda1 /old ext3 defaults 0 0
      -/dev/disk/by-path/pci-0000:03:00.0-scsi-0:0:0:0-part1 /copy ext4 ro 0 0
      -.host:/ /mnt/hgfs fuse.vmhgfs-fuse allow_other 0 0
      +UUID=11111111-0000-4000-8000-000000000000 /copy ext4 ro 0 0
      +.host:/ /mnt/hgfs fuse.vmhgfs-fuse allow_other,nofail 0 0
      "
    `)
    expect(changes[0]?.summary).toBe(
      '/dev/sda1 -> UUID=11111111-0000-4000-8000-000000000000, /dev/sda5 -> UUID=55555555-0000-4000-8000-000000000000, ' +
        '/dev/disk/by-path/pci-0000:03:00.0-scsi-0:0:0:0-part1 -> UUID=11111111-0000-4000-8000-000000000000, ' +
        '/mnt/hgfs nofail: KVM has no shared folders of VMware',
    )
  })

  it('bypath-only: nothing but paths', async () => {
    const { diff } = await repaired({ '/etc/fstab': fstab }, { fstabMode: 'bypath-only' })
    expect(diff.split('\n').filter((line) => /^[-+][^-+]/.test(line))).toEqual([
      '-/dev/disk/by-path/pci-0000:03:00.0-scsi-0:0:0:0-part1 /copy ext4 ro 0 0',
      '+UUID=11111111-0000-4000-8000-000000000000 /copy ext4 ro 0 0',
    ])
  })

  it('noop: nothing', async () => {
    expect((await repaired({ '/etc/fstab': fstab }, { fstabMode: 'noop' })).changes).toEqual([])
  })

  it.each([
    ['/dev/sdb1 /b ext4 defaults 0 0\n', '/dev/sdb1 stays: no file system of these disks is known to have that name'],
    ['/dev/sda5 /b ext4 defaults 0 0\n', '/dev/sda5 stays: /dev/sda5 holds swap and not ext4'],
    ['/dev/sda6 /b ext4 defaults 0 0\n', '/dev/sda6 stays: /dev/sda6 has no UUID'],
  ])('does not guess: %s', async (text, evidence) => {
    const inspection = inspectionOf({}, { filesystems: [...filesystems, { device: '/dev/sda6', type: 'ext4' }] })
    const { changes, findings } = await repaired({ '/etc/fstab': text }, { fstabMode: 'stabilize-all' }, inspection)
    expect(changes).toEqual([])
    expect(findings).toEqual([{ rule: 'guest.fstab', severity: 'warning', subject: '/etc/fstab:1', evidence }])
  })

  it('believes the inspection where disks have other names in the guest', async () => {
    const inspection = inspectionOf({
      fstab: [{ line: 1, spec: '/dev/sdb1', mountpoint: '/', type: 'ext4', options: 'defaults', device: '/dev/sda1' }],
    })
    const { tree } = await repaired(
      { '/etc/fstab': '/dev/sdb1 / ext4 defaults 0 1\n' },
      { fstabMode: 'stabilize-all' },
      inspection,
    )
    expect(await tree.read('/etc/fstab')).toBe('UUID=11111111-0000-4000-8000-000000000000 / ext4 defaults 0 1\n')
  })

  it('is kept whole when it is asked for, and backed up', async () => {
    const before = '/dev/sda1 / ext4 defaults 0 1\n'
    const { tree, fstab: kept } = await repaired(
      { '/etc/fstab': before },
      { fstabMode: 'stabilize-all', printFstab: true, backup: true },
    )
    expect(kept).toEqual({ before, after: 'UUID=11111111-0000-4000-8000-000000000000 / ext4 defaults 0 1\n' })
    expect(await tree.read('/var/lib/h2k/backup/etc/fstab')).toBe(before)
  })
})

describe('crypttab and the hibernated image', () => {
  it('go by UUID', async () => {
    const inspection = inspectionOf(
      {},
      { filesystems: [...filesystems, { device: '/dev/sda3', type: 'crypto_LUKS', uuid: '3333' }] },
    )
    const { diff } = await repaired(
      {
        '/etc/crypttab': '# name device\ncryptroot /dev/sda3 none luks\ndata UUID=77 none luks\n',
        '/etc/initramfs-tools/conf.d/resume': 'RESUME=/dev/sda5\n',
      },
      { fstabMode: 'stabilize-all' },
      inspection,
    )
    expect(diff).toMatchInlineSnapshot(`
      "--- a/etc/crypttab
      +++ b/etc/crypttab
      @@ -1,3 +1,3 @@
       # name device
      -cryptroot /dev/sda3 none luks
      +cryptroot UUID=3333 none luks
       data UUID=77 none luks
      --- a/etc/initramfs-tools/conf.d/resume
      +++ b/etc/initramfs-tools/conf.d/resume
      @@ -1 +1 @@
      -RESUME=/dev/sda5
      +RESUME=UUID=55555555-0000-4000-8000-000000000000
      "
    `)
  })
})
