import { describe, expect, it } from 'vitest'
import { repairLinux } from '../../../../../src/adapters/guestfs/linux/repairs.ts'
import { type GuestKernel, type LinuxInspection, virtioModules } from '../../../../../src/core/inspection.ts'
import type { RepairRequest } from '../../../../../src/core/repair.ts'
import { type FakeProgram, type MemoryFile, memoryGuest } from '../../../../support/guest-tree.ts'
import { inspectionOf, optionsFor, quiet, repaired } from '../guests.ts'

const modules = { virtio_blk: 'module', virtio_scsi: 'module', virtio_net: 'module', virtio_pci: 'module' } as const

function kernel(release: string, path: string, holds: GuestKernel['initramfs'] = { path, holds: [] }): GuestKernel {
  return { release, virtio: modules, initramfs: holds }
}

/** The tool that makes images "makes" one that holds what the fake was told to; the others list it and look for space. */
const tool = (
  name: string,
  imageOf: (argv: readonly string[]) => string,
  holds: readonly string[] = virtioModules,
): FakeProgram => {
  return async (argv, tree) => {
    if (argv[0] !== name) return undefined
    await tree.write(imageOf(argv), holds.map((module) => `kernel/drivers/${module}.ko.xz\n`).join(''))
    return {}
  }
}
const system = (freeBlocks = 100_000): FakeProgram => {
  return async (argv, tree) => {
    if (argv[0] === 'stat' && argv[1] === '-f') return { output: `${freeBlocks} 4096\n` }
    if (argv[0] === 'stat') return { output: `${(await tree.readBytes(argv.at(-1) ?? ''))?.length}\n` }
    if (argv[0] !== 'cp') return undefined
    await tree.write(argv.at(-1) ?? '', (await tree.readBytes(argv.at(-2) ?? '')) ?? '')
    return {}
  }
}
const kernels = (...given: GuestKernel[]): Partial<LinuxInspection> => ({ kernels: given })
const regenerate = { regenerateInitramfs: true }
const whole = (linux: Partial<LinuxInspection>, rest = {}) =>
  inspectionOf(
    {
      ...linux,
      kernels: (linux.kernels ?? []).map((one) => ({
        ...one,
        initramfs: { path: one.initramfs?.path ?? '', holds: [...virtioModules] },
      })),
    },
    rest,
  )

/** The programs that make images, without those that look. */
const made = (ran: readonly (readonly string[])[]) => ran.filter(([name]) => !['stat', 'cp'].includes(name ?? ''))

describe('an initramfs without virtio is made anew', () => {
  it('by initramfs-tools, and only the one that lacks it', async () => {
    const linux = kernels(
      kernel('6.1.0-27', '/boot/initrd.img-6.1.0-27', { path: '/boot/initrd.img-6.1.0-27', holds: [...virtioModules] }),
      kernel('6.1.0-28', '/boot/initrd.img-6.1.0-28'),
    )
    const { tree, changes } = await repaired(
      {
        '/etc/initramfs-tools/modules': '# modules\next4\nvmw_pvscsi\n',
        '/etc/initramfs-tools/initramfs.conf': 'MODULES=list\n',
        '/boot/initrd.img-6.1.0-27': 'whole',
        '/boot/initrd.img-6.1.0-28': 'old',
      },
      { ...regenerate, backup: true },
      inspectionOf(linux),
      whole(linux),
      tool('update-initramfs', (argv) => `/boot/initrd.img-${argv[3]}`),
      system(),
    )
    expect(made(tree.ran)).toEqual([['update-initramfs', '-u', '-k', '6.1.0-28']])
    expect(changes.map(({ subject, summary }) => `${subject}: ${summary}`)).toEqual([
      '/etc/initramfs-tools/modules: with virtio_blk, virtio_scsi, virtio_net, virtio_pci',
      'initramfs of 6.1.0-28: with virtio_blk, virtio_scsi, virtio_net, virtio_pci',
    ])
    expect(await tree.read('/etc/initramfs-tools/modules')).toBe(
      '# modules\next4\nvmw_pvscsi\nvirtio_blk\nvirtio_scsi\nvirtio_net\nvirtio_pci\n',
    )
    expect(await tree.read('/boot/initrd.img-6.1.0-27')).toBe('whole')
    expect(await tree.read('/var/lib/h2k/backup/boot/initrd.img-6.1.0-28')).toBe('old')
  })

  it('by initramfs-tools with MODULES=dep, which would look at the wrong machine', async () => {
    const linux = kernels(kernel('5.4', '/boot/initrd.img-5.4'))
    const seen: (string | undefined)[] = []
    const { tree } = await repaired(
      { '/etc/initramfs-tools/conf.d/driver-policy': 'MODULES=dep\n', '/boot/initrd.img-5.4': 'old' },
      regenerate,
      inspectionOf(linux),
      whole(linux),
      async (argv, guest) => {
        if (argv[0] === 'update-initramfs') seen.push(await guest.read('/etc/initramfs-tools/conf.d/zz-h2k'))
        return undefined
      },
      tool('update-initramfs', (argv) => `/boot/initrd.img-${argv[3]}`),
      system(),
    )
    expect(seen).toEqual(['MODULES=most\n'])
    expect(await tree.kind('/etc/initramfs-tools/conf.d/zz-h2k')).toBeUndefined()
  })

  it.each([
    ['COMPRESS=zstd\n', 'COMPRESSLEVEL=1\n'],
    ['COMPRESS=zstd\nCOMPRESSLEVEL=19\n', undefined],
    ['COMPRESS=lz4\n', undefined],
    ['MODULES="dep"\nCOMPRESS=zstd\n', 'MODULES=most\nCOMPRESSLEVEL=1\n'],
  ])('by initramfs-tools under software emulation, fast unless it was told how: %j', async (configured, expected) => {
    const linux = kernels(kernel('5.4', '/boot/initrd.img-5.4'))
    const seen: (string | undefined)[] = []
    const tree = memoryGuest(
      { '/etc/initramfs-tools/initramfs.conf': configured, '/boot/initrd.img-5.4': 'old' },
      async (argv, guest) => {
        if (argv[0] === 'update-initramfs') seen.push(await guest.read('/etc/initramfs-tools/conf.d/zz-h2k'))
        return undefined
      },
      tool('update-initramfs', (argv) => `/boot/initrd.img-${argv[3]}`),
      system(),
    )
    await repairLinux(tree, inspectionOf(linux), { ...quiet, ...regenerate }, { ...optionsFor(tree), emulated: true })
    expect(seen).toEqual([expected])
    expect(await tree.kind('/etc/initramfs-tools/conf.d/zz-h2k')).toBeUndefined()
  })

  it.each<
    readonly [
      string,
      Partial<LinuxInspection>,
      { version: string },
      Readonly<Record<string, MemoryFile>>,
      string,
      readonly string[],
      Readonly<Record<string, string>>,
    ]
  >([
    [
      'dracut of RHEL 9',
      {
        initramfsTool: 'dracut',
        packageSystem: 'rpm',
        ...kernels(kernel('5.14.0-503.el9.x86_64', '/boot/initramfs-5.14.0-503.el9.x86_64.img')),
      },
      { version: '9.5' },
      { '/boot/initramfs-5.14.0-503.el9.x86_64.img': 'old' },
      'dracut',
      ['dracut', '--force', '--no-hostonly', '/boot/initramfs-5.14.0-503.el9.x86_64.img', '5.14.0-503.el9.x86_64'],
      { '/etc/dracut.conf.d/h2k-virtio.conf': 'add_drivers+=" virtio_blk virtio_scsi virtio_net virtio_pci "\n' },
    ],
    [
      'dracut of SUSE, with an encrypted disk',
      {
        initramfsTool: 'dracut',
        packageSystem: 'rpm',
        ...kernels(kernel('5.14.21-default', '/boot/initrd-5.14.21-default')),
      },
      { version: '15.6' },
      { '/boot/initrd-5.14.21-default': 'old', '/etc/crypttab': '# x\ncr_root UUID=3 none\n' },
      'dracut',
      [
        'dracut',
        '--force',
        '--no-hostonly',
        '--install',
        '/etc/crypttab',
        '/boot/initrd-5.14.21-default',
        '5.14.21-default',
      ],
      {},
    ],
    [
      'dracut of RHEL 6',
      {
        initramfsTool: 'dracut',
        packageSystem: 'rpm',
        ...kernels(kernel('2.6.32-754.el6', '/boot/initramfs-2.6.32-754.el6.img')),
      },
      { version: '6.10' },
      { '/boot/initramfs-2.6.32-754.el6.img': 'old' },
      'dracut',
      ['dracut', '--force', '/boot/initramfs-2.6.32-754.el6.img', '2.6.32-754.el6'],
      {},
    ],
    [
      'mkinitcpio of Arch',
      {
        initramfsTool: 'mkinitcpio',
        packageSystem: 'pacman',
        ...kernels(kernel('6.12.1-arch1-1', '/boot/initramfs-linux.img')),
      },
      { version: '' },
      {
        '/boot/initramfs-linux.img': 'old',
        '/etc/mkinitcpio.conf': '# MODULES=(x)\nMODULES=(vmw_pvscsi)\nHOOKS=(base autodetect)\n',
      },
      'mkinitcpio',
      ['mkinitcpio', '-S', 'autodetect', '-k', '6.12.1-arch1-1', '-g', '/boot/initramfs-linux.img'],
      {
        '/etc/mkinitcpio.conf':
          '# MODULES=(x)\nMODULES=(vmw_pvscsi virtio_blk virtio_scsi virtio_net virtio_pci)\nHOOKS=(base autodetect)\n',
      },
    ],
    [
      'mkinitfs of Alpine',
      { initramfsTool: 'mkinitfs', packageSystem: 'apk', ...kernels(kernel('6.6.58-0-lts', '/boot/initramfs-lts')) },
      { version: '3.20.3' },
      { '/boot/initramfs-lts': 'old', '/etc/mkinitfs/mkinitfs.conf': 'features="ata base ext4 scsi"\n' },
      'mkinitfs',
      ['mkinitfs', '-o', '/boot/initramfs-lts', '6.6.58-0-lts'],
      { '/etc/mkinitfs/mkinitfs.conf': 'features="ata base ext4 scsi virtio"\n' },
    ],
  ])('by %s', async (_name, linux, rest, files, name, argv, changed) => {
    const image = linux.kernels?.[0]?.initramfs?.path ?? ''
    const inspection = inspectionOf(linux, rest)
    const { tree } = await repaired(
      files,
      regenerate,
      inspection,
      whole(linux, rest),
      tool(name, () => image),
      system(),
    )
    expect(made(tree.ran)).toEqual([argv])
    for (const [path, content] of Object.entries(changed)) expect(await tree.read(path)).toBe(content)
  })

  it('also when it holds a rule for names that DHCP does without', async () => {
    const path = '/boot/initrd.img-6.1'
    const linux = kernels(kernel('6.1', path, { path, holds: [...virtioModules] }))
    const { changes } = await repaired(
      {
        [path]: 'old',
        '/etc/network/interfaces': 'iface ens192 inet static\n',
        '/etc/udev/rules.d/70-persistent-net.rules': 'SUBSYSTEM=="net", NAME="ens192"\n',
      },
      { ...regenerate, networkMode: 'dhcp', nics: [{ id: 'a', mac: '00:50:56:aa:bb:01', predictedName: 'enp1s0' }] },
      inspectionOf(linux),
      inspectionOf(linux),
      tool('update-initramfs', () => path),
      system(),
    )
    expect(changes.map(({ subject }) => subject)).toContain('initramfs of 6.1')
  })

  it('also when it holds a copy of a file that was repaired', async () => {
    const linux = kernels(
      kernel('6.1', '/boot/initrd.img-6.1', { path: '/boot/initrd.img-6.1', holds: [...virtioModules] }),
    )
    const { changes } = await repaired(
      { '/etc/initramfs-tools/conf.d/resume': 'RESUME=/dev/sda5\n', '/boot/initrd.img-6.1': 'old' },
      { ...regenerate, fstabMode: 'stabilize-all' },
      inspectionOf(linux),
      inspectionOf(linux),
      tool('update-initramfs', () => '/boot/initrd.img-6.1'),
      system(),
    )
    expect(changes.map(({ summary }) => summary).at(-1)).toBe('with what was changed before')
  })
})

describe('an initramfs stays as it is', () => {
  it.each<readonly [string, GuestKernel, Partial<LinuxInspection>, Partial<RepairRequest>, readonly string[]]>([
    ['when it holds the drivers', kernel('6.1', '/i', { path: '/i', holds: [...virtioModules] }), {}, regenerate, []],
    [
      'when the kernel has them built in',
      {
        ...kernel('6.1', '/i'),
        virtio: { virtio_blk: 'builtin', virtio_scsi: 'builtin', virtio_net: 'builtin', virtio_pci: 'builtin' },
      },
      {},
      regenerate,
      [],
    ],
    [
      'when it was not asked for',
      kernel('6.1', '/i'),
      {},
      { adaptDrivers: true },
      ['/i: kernel 6.1: its image stays as it is, since regen_initramfs is off'],
    ],
    [
      'when nobody knows how it is made',
      kernel('6.1', '/i'),
      { initramfsTool: 'unknown' },
      regenerate,
      ['/i: kernel 6.1: it is not known which tool makes its image'],
    ],
    [
      'when the kernel has no such drivers',
      {
        ...kernel('2.6.18', '/i'),
        virtio: { virtio_blk: 'absent', virtio_scsi: 'absent', virtio_net: 'absent', virtio_pci: 'absent' },
      },
      {},
      regenerate,
      ['kernel 2.6.18: it has no virtio_blk, virtio_scsi, virtio_net, virtio_pci'],
    ],
  ])('%s', async (_name, given, linux, request, told) => {
    const { changes, findings } = await repaired(
      { '/i': 'old' },
      request,
      inspectionOf({ ...kernels(given), ...linux }),
    )
    expect(changes).toEqual([])
    expect(findings.map(({ subject, evidence }) => `${subject}: ${evidence}`)).toEqual(told)
  })
})

describe('what goes wrong is told', () => {
  const given = inspectionOf({ initramfsTool: 'dracut', ...kernels(kernel('5.14', '/boot/initramfs-5.14.img')) })
  const run = (...programs: FakeProgram[]) => {
    const tree = memoryGuest({ '/boot/initramfs-5.14.img': 'x'.repeat(10_000) }, ...programs)
    return repairLinux(tree, given, { ...quiet, ...regenerate }, optionsFor(tree))
  }
  it.each([
    ['no space', [system(4)], 'GUEST_SPACE_SHORT', '/boot of the guest has 1 MiB free, a new initramfs may take 1 MiB'],
    [
      'the tool fails',
      [
        system(),
        (argv: readonly string[]) =>
          argv[0] === 'dracut' ? { exitCode: 1, output: 'dracut: no such kernel' } : undefined,
      ],
      'GUEST_REPAIR_FAILED',
      'dracut in the guest ended with exit code 1',
    ],
    [
      'the tool says that all is well, and it is not',
      [tool('dracut', () => '/boot/initramfs-5.14.img', ['virtio_blk', 'virtio_pci']), system()],
      'GUEST_REPAIR_FAILED',
      'the new initramfs of 5.14 holds no virtio_scsi, virtio_net',
    ],
  ] as const)('%s', async (_name, programs, code, summary) => {
    await expect(run(...programs)).rejects.toMatchObject({ problems: [{ code, summary }] })
  })
})
