import { describe, expect, it } from 'vitest'
import type { GuestKernel } from '../../../../../src/core/inspection.ts'
import { filesystems, inspectionOf, repaired } from '../guests.ts'

const virtio = { virtio_blk: 'module', virtio_scsi: 'module', virtio_net: 'module', virtio_pci: 'module' } as const
const lvm = [
  { device: '/dev/sda1', type: 'xfs', uuid: 'b00t', mountpoint: '/boot' },
  { device: '/dev/mapper/rhel-root', type: 'xfs', uuid: 'r00t', mountpoint: '/' },
]
const updateGrub = { updateGrub: true }
/** The lines that went and that came. */
const lines = (diff: string) => diff.split('\n').filter((line) => /^[-+](?!--|\+\+)/.test(line))

describe('root= goes by UUID', () => {
  it.each([
    [
      'GRUB 2 of Debian',
      '/boot/grub/grub.cfg',
      "menuentry 'Debian' {\n  set root='hd0,msdos1'\n  linux /boot/vmlinuz-6.1.0-28 root=/dev/sda1 ro quiet\n}\n# root=/dev/sda1\n",
      [
        '-  linux /boot/vmlinuz-6.1.0-28 root=/dev/sda1 ro quiet',
        '+  linux /boot/vmlinuz-6.1.0-28 root=UUID=11111111-0000-4000-8000-000000000000 ro quiet',
      ],
    ],
    [
      'what GRUB’s menu is made from',
      '/etc/default/grub',
      'GRUB_CMDLINE_LINUX="resume=/dev/sda5 root=/dev/sda1"\n',
      [
        '-GRUB_CMDLINE_LINUX="resume=/dev/sda5 root=/dev/sda1"',
        '+GRUB_CMDLINE_LINUX="resume=UUID=55555555-0000-4000-8000-000000000000 root=UUID=11111111-0000-4000-8000-000000000000"',
      ],
    ],
    [
      'an entry of RHEL',
      '/boot/loader/entries/4d1f-5.14.0-503.el9.x86_64.conf',
      'title Red Hat\nlinux /vmlinuz-5.14.0\noptions root=/dev/sda1 ro crashkernel=1G\n',
      [
        '-options root=/dev/sda1 ro crashkernel=1G',
        '+options root=UUID=11111111-0000-4000-8000-000000000000 ro crashkernel=1G',
      ],
    ],
    [
      'systemd-boot',
      '/efi/loader/entries/arch.conf',
      'title Arch\nlinux /vmlinuz-linux\noptions root=/dev/sda1 rw\n',
      ['-options root=/dev/sda1 rw', '+options root=UUID=11111111-0000-4000-8000-000000000000 rw'],
    ],
    [
      'GRUB legacy',
      '/boot/grub/menu.lst',
      'title SLES 11\n  root (hd0,0)\n  kernel /boot/vmlinuz root=/dev/sda1 resume=/dev/sda5\n',
      [
        '-  kernel /boot/vmlinuz root=/dev/sda1 resume=/dev/sda5',
        '+  kernel /boot/vmlinuz root=UUID=11111111-0000-4000-8000-000000000000 resume=UUID=55555555-0000-4000-8000-000000000000',
      ],
    ],
    [
      'extlinux of Alpine',
      '/boot/extlinux.conf',
      'LABEL lts\n  LINUX vmlinuz-lts\n  APPEND root=/dev/sda1 modules=ext4\n',
      [
        '-  APPEND root=/dev/sda1 modules=ext4',
        '+  APPEND root=UUID=11111111-0000-4000-8000-000000000000 modules=ext4',
      ],
    ],
    [
      'Photon',
      '/boot/grub2/grub.cfg',
      'set rootpartition=/dev/sda1\nlinux /$photon_linux root=$rootpartition $photon_cmdline\n',
      ['-set rootpartition=/dev/sda1', '+set rootpartition=UUID=11111111-0000-4000-8000-000000000000'],
    ],
  ])('%s', async (_name, path, content, changed) => {
    expect(lines((await repaired({ [path]: content }, updateGrub)).diff)).toEqual(changed)
  })

  it('in GRUB’s environment, which keeps its size', async () => {
    const block = (lines: string) => lines + '#'.repeat(1024 - lines.length)
    const head = '# GRUB Environment Block\nkernelopts=root='
    const { tree } = await repaired({ '/boot/grub2/grubenv': block(`${head}/dev/sda1 ro\n`) }, updateGrub)
    const after = await tree.read('/boot/grub2/grubenv')
    expect(after).toBe(block(`${head}UUID=11111111-0000-4000-8000-000000000000 ro\n`))
    const full = `${head}/dev/sda1 ro ${'a'.repeat(960)}\n`
    const { findings } = await repaired({ '/boot/grub2/grubenv': block(full) }, updateGrub)
    expect(findings.map(({ evidence }) => evidence)).toEqual(['the longer arguments do not fit in its 1024 bytes'])
  })

  it('but for names that stay, and where it was not asked for', async () => {
    const cfg = 'linux /vmlinuz root=/dev/mapper/rhel-root resume=UUID=1 ro rd.lvm.lv=rhel/root\n'
    const inspection = inspectionOf({}, { filesystems: lvm })
    expect((await repaired({ '/boot/grub2/grub.cfg': cfg }, updateGrub, inspection)).changes).toEqual([])
    expect((await repaired({ '/boot/grub/grub.cfg': 'linux /vmlinuz root=/dev/sda1\n' }, {})).changes).toEqual([])
  })

  it.each([
    ['it is not known what it names', 'linux /vmlinuz root=/dev/sda7\n', lvm],
    ['a kernel without an initramfs needs', 'linux /vmlinuz root=/dev/sda1\n', filesystems],
  ])('and says so when it cannot: %s', async (evidence, cfg, given) => {
    const kernels: readonly GuestKernel[] = [{ release: '6.1', virtio }]
    const inspection = inspectionOf({ kernels }, { filesystems: given })
    const { changes, findings } = await repaired({ '/boot/grub/grub.cfg': cfg }, updateGrub, inspection)
    expect(changes).toEqual([])
    expect(findings[0]?.evidence).toContain(evidence)
  })

  it('links to a file are not the file', async () => {
    const files = {
      '/boot/grub/grub.conf': 'kernel /v root=/dev/sda1\n',
      '/boot/grub/menu.lst': { linkTo: './grub.conf' },
    }
    const { changes, tree } = await repaired(files, updateGrub)
    expect(changes.map(({ subject }) => subject)).toEqual(['/boot/grub/grub.conf'])
    expect(await tree.readLink('/boot/grub/menu.lst')).toBe('./grub.conf')
  })
})

it('a device.map of the old disks goes', async () => {
  const files = {
    '/boot/grub/device.map': '(hd0)\t/dev/disk/by-id/scsi-36000c29\n',
    '/boot/grub2/device.map': '(hd0) /dev/vda\n',
  }
  const { tree } = await repaired(files, { ...updateGrub, backup: true })
  expect(Object.keys(tree.files())).toEqual(['/boot/grub2/device.map', '/var/lib/h2k/backup/boot/grub/device.map'])
})
