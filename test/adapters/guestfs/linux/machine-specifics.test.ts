import { describe, expect, it } from 'vitest'
import type { MemoryFile } from '../../../support/guest-tree.ts'
import { inspectionOf, repaired } from './guests.ts'

describe('what VMware’s machine left in files', () => {
  it.each<readonly [string, string, string, string]>([
    [
      'a filter of LVM that knows VMware’s disks alone',
      '/etc/lvm/lvm.conf',
      'devices {\n\tfilter = [ "a|^/dev/sd|", "r|.*|" ]\n}\n',
      'devices {\n\tfilter = [ "a|^/dev/vd|", "a|^/dev/sd|", "r|.*|" ]\n}\n',
    ],
    [
      'a filter of LVM that rejects but one',
      '/etc/lvm/lvm.conf',
      '# filter = [ "a|^/dev/sd|", "r|.*|" ]\nglobal_filter = [ "r|/dev/drbd.*|" ]\n',
      '# filter = [ "a|^/dev/sd|", "r|.*|" ]\nglobal_filter = [ "r|/dev/drbd.*|" ]\n',
    ],
    [
      'drivers of virtio that are kept out',
      '/etc/modprobe.d/blacklist.conf',
      'blacklist floppy\nblacklist virtio_blk\ninstall virtio_net /bin/true\n',
      'blacklist floppy\n# KVM needs it: blacklist virtio_blk\n# KVM needs it: install virtio_net /bin/true\n',
    ],
    [
      'drivers of RHEL 5',
      '/etc/modprobe.conf',
      'alias eth0 vmxnet3\nalias scsi_hostadapter mptbase\nalias scsi_hostadapter1 ata_piix\n',
      'alias eth0 virtio_net\nalias scsi_hostadapter virtio_blk\nalias scsi_hostadapter1 ata_piix\n',
    ],
    [
      'VMware’s screen',
      '/etc/X11/xorg.conf',
      'Section "Device"\n  Driver "vmware"\nEndSection\n',
      'Section "Device"\n  Driver "modesetting"\nEndSection\n',
    ],
  ])('%s', async (_name, path, before, after) => {
    const { tree } = await repaired({ [path]: before }, { adaptDrivers: true })
    expect(tree.files()).toEqual({ [path]: after })
  })

  it('nothing of it changes in a guest that is only configured', async () => {
    const { changes } = await repaired({ '/etc/modprobe.d/a.conf': 'blacklist virtio_blk\n' }, {})
    expect(changes).toEqual([])
  })

  it.each([
    ['goes', 'VERSION=1.1.2\nIDTYPE=sys_wwid IDNAME=naa.6000c29 DEVNAME=/dev/sda2 PVID=x\n', []],
    ['stays when it names volumes', 'IDTYPE=lvmlv_uuid IDNAME=x DEVNAME=/dev/a\n', ['/etc/lvm/devices/system.devices']],
  ])('the list of disks of LVM %s', async (_name, text, left) => {
    const { tree } = await repaired({ '/etc/lvm/devices/system.devices': text }, { adaptDrivers: true })
    expect(Object.keys(tree.files())).toEqual(left)
  })

  it('maps of multipath are named after VMware’s disks', async () => {
    const { tree } = await repaired(
      {
        '/etc/fstab':
          '/dev/mapper/mpatha-part1 / ext4 defaults 0 1\n/dev/mapper/36000c29f1234567890abcdef12345678p5 none swap sw 0 0\n',
      },
      { fstabMode: 'stabilize-all' },
    )
    expect(await tree.read('/etc/fstab')).toBe(
      'UUID=11111111-0000-4000-8000-000000000000 / ext4 defaults 0 1\nUUID=55555555-0000-4000-8000-000000000000 none swap sw 0 0\n',
    )
  })
})

describe('VMware’s tools', () => {
  const remove = { removeVmwareTools: true }
  const gone = inspectionOf()
  it.each([
    ['dpkg', ['env', 'DEBIAN_FRONTEND=noninteractive', 'dpkg', '--purge', 'open-vm-tools']],
    ['rpm', ['rpm', '-e', 'open-vm-tools']],
    ['apk', ['apk', 'del', '--no-network', 'open-vm-tools']],
    ['pacman', ['pacman', '-R', '--noconfirm', 'open-vm-tools']],
  ] as const)('are removed by %s', async (packageSystem, argv) => {
    const before = inspectionOf({ packageSystem, vmwareTools: { packages: ['open-vm-tools'], tarball: false } })
    const { tree, changes } = await repaired({}, remove, before, gone, () => ({}))
    expect(tree.ran).toEqual([argv])
    expect(changes).toEqual([{ repair: 'vmware-tools', subject: 'open-vm-tools', summary: 'removed' }])
  })

  it('are removed by their uninstaller', async () => {
    const before = inspectionOf({ vmwareTools: { packages: [], tarball: true } })
    const { tree } = await repaired({ '/usr/bin/vmware-uninstall-tools.pl': '' }, remove, before, gone, () => ({}))
    expect(tree.ran).toEqual([['/usr/bin/vmware-uninstall-tools.pl']])
  })

  it.each<readonly [string, { packages: string[]; tarball: boolean }, Readonly<Record<string, MemoryFile>>]>([
    [
      'when the package system cannot',
      { packages: ['open-vm-tools'], tarball: false },
      { '/etc/rc2.d/S01open-vm-tools': '' },
    ],
    ['when there is no uninstaller', { packages: [], tarball: true }, { '/etc/init/vmware-tools.conf': '' }],
  ])('are switched off %s', async (_name, tools, files) => {
    const before = inspectionOf({ vmwareTools: tools })
    const { tree, changes } = await repaired(files, remove, before, before, () => ({
      exitCode: 1,
      output: 'a\nb depends on it\n',
    }))
    expect(changes[0]?.summary).toContain('switched off, since they could not be removed')
    expect(Object.keys(tree.files())).toEqual(
      ['open-vm-tools', 'vgauth', 'vgauthd', 'vmtoolsd', 'vmware-tools'].map(
        (name) => `/etc/systemd/system/${name}.service`,
      ),
    )
  })

  it('stay when nobody asks', async () => {
    const before = inspectionOf({ vmwareTools: { packages: ['open-vm-tools'], tarball: false } })
    expect((await repaired({}, {}, before)).changes).toEqual([])
  })
})

describe('labels of SELinux', () => {
  const enforcing = inspectionOf({ selinux: 'enforcing' })
  const files = {
    '/etc/fstab': '/dev/sda1 / ext4 defaults 0 1\n',
    '/etc/selinux/config': 'SELINUX=enforcing\nSELINUXTYPE=targeted\n',
    '/etc/selinux/targeted/contexts/files/file_contexts': '',
    '/usr/sbin/setfiles': '',
  }
  const request = { fstabMode: 'stabilize-all', backup: true } as const

  it('are set for what was touched', async () => {
    const { tree } = await repaired(files, request, enforcing, enforcing, () => ({}))
    expect(tree.ran).toEqual([
      ['/usr/sbin/setfiles', '-F', '/etc/selinux/targeted/contexts/files/file_contexts', '/etc/fstab', '/var/lib/h2k'],
    ])
    expect(await tree.kind('/.autorelabel')).toBeUndefined()
  })

  it('are left to the guest where that fails', async () => {
    const { tree } = await repaired(files, request, enforcing, enforcing, () => ({ exitCode: 1 }))
    expect(await tree.kind('/.autorelabel')).toBe('file')
  })
})
