import { describe, expect, it } from 'vitest'
import { inspectionOf, repaired } from '../guests.ts'

const serialConsole = { serialConsole: true }

describe('a serial console', () => {
  it.each([
    [
      '/etc/default/grub',
      'GRUB_CMDLINE_LINUX=""\nGRUB_CMDLINE_LINUX_DEFAULT="quiet"\n',
      'GRUB_CMDLINE_LINUX="console=tty0 console=ttyS0,115200"\nGRUB_CMDLINE_LINUX_DEFAULT="quiet"\n',
    ],
    [
      '/boot/grub/grub.cfg',
      '\tlinux /vmlinuz-6 root=UUID=1 ro\n\tinitrd /i\n',
      '\tlinux /vmlinuz-6 root=UUID=1 ro console=tty0 console=ttyS0,115200\n\tinitrd /i\n',
    ],
    [
      '/boot/grub2/grub.cfg',
      '  set kernelopts="root=UUID=1 ro "\n',
      '  set kernelopts="root=UUID=1 ro console=tty0 console=ttyS0,115200"\n',
    ],
    [
      '/boot/loader/entries/a.conf',
      'options root=UUID=1 console=tty1\n',
      'options root=UUID=1 console=tty1 console=ttyS0,115200\n',
    ],
    ['/boot/loader/entries/b.conf', 'options $kernelopts $tuned_params\n', 'options $kernelopts $tuned_params\n'],
    [
      '/boot/grub/menu.lst',
      'title a\nkernel /v root=/dev/vg/r\n',
      'serial --unit=0 --speed=115200\nterminal --timeout=5 console serial\ntitle a\nkernel /v root=/dev/vg/r console=tty0 console=ttyS0,115200\n',
    ],
    [
      '/boot/extlinux.conf',
      'LABEL a\n  APPEND root=UUID=1\n',
      'SERIAL 0 115200\nLABEL a\n  APPEND root=UUID=1 console=tty0 console=ttyS0,115200\n',
    ],
    ['/etc/kernel/cmdline', 'root=UUID=1 rw\n', 'root=UUID=1 rw console=tty0 console=ttyS0,115200\n'],
    ['/boot/grub/grub.cfg', 'linux /v console=ttyS0,9600\n', 'linux /v console=ttyS0,9600\n'],
  ])('in %s: %j', async (path, before, after) => {
    expect(await (await repaired({ [path]: before }, serialConsole)).tree.read(path)).toBe(after)
  })

  it('shows GRUB’s menu, through the file that outlives a new menu', async () => {
    const { tree } = await repaired(
      { '/boot/grub/grub.cfg': 'linux /v ro\nsource $prefix/custom.cfg\n' },
      serialConsole,
    )
    expect(await tree.read('/boot/grub/custom.cfg')).toBe(
      'serial --unit=0 --speed=115200\nterminal_input --append serial\nterminal_output --append serial\n',
    )
  })

  it.each([
    [
      'systemd',
      { init: 'systemd' as const },
      { '/etc/inittab': '#T0:23:respawn:/sbin/getty -L ttyS0 9600 vt100\n' },
      {},
    ],
    [
      'an inittab that has it switched off',
      { init: 'openrc' as const },
      { '/etc/inittab': '# Serial\n#ttyS0::respawn:/sbin/getty -L 115200 ttyS0 vt100\n' },
      { '/etc/inittab': '# Serial\nttyS0::respawn:/sbin/getty -L 115200 ttyS0 vt100\n' },
    ],
    [
      'an inittab without it',
      { init: 'sysvinit' as const },
      { '/etc/inittab': '1:2345:respawn:/sbin/mingetty tty1\n', '/sbin/agetty': '', '/etc/securetty': 'tty1\n' },
      {
        '/etc/inittab': '1:2345:respawn:/sbin/mingetty tty1\nS0:2345:respawn:/sbin/agetty -L 115200 ttyS0 vt100\n',
        '/etc/securetty': 'tty1\nttyS0\n',
      },
    ],
    [
      'upstart',
      { init: 'unknown' as const },
      { '/etc/init/tty1.conf': '' },
      {
        '/etc/init/ttyS0.conf':
          'start on stopped rc RUNLEVEL=[2345]\nstop on runlevel [!2345]\nrespawn\nexec /sbin/getty -L 115200 ttyS0 vt100\n',
      },
    ],
  ])('has a login: %s', async (_name, linux, files, changed) => {
    const { tree } = await repaired(files, serialConsole, inspectionOf(linux))
    expect(tree.files()).toEqual({ ...files, ...changed })
  })
})
