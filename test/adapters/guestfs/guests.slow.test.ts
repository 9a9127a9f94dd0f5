import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRunner } from '../../../src/adapters/exec/runner.ts'
import { kvmWorks } from '../../../src/adapters/guestfs/acceleration.ts'
import { startAppliance } from '../../../src/adapters/guestfs/appliance.ts'
import { type Filesystem, readDevices } from '../../../src/adapters/guestfs/devices.ts'
import { createGuests } from '../../../src/adapters/guestfs/guests.ts'
import { readKeyring } from '../../../src/adapters/guestfs/keyring.ts'
import { makeOverlay } from '../../../src/adapters/qemu/overlay.ts'
import type { LuksKey } from '../../../src/core/machine.ts'
import { qemuImg } from '../../support/machines.ts'

const never = new AbortController().signal
const folder = mkdtempSync(join(tmpdir(), 'h2k-guests-'))
const runner = createRunner()
const guests = createGuests({
  runner,
  overlay: (over, path, signal) => makeOverlay(runner, over, path, signal),
})
const secret = 'correct horse'

// The system on a logical volume across two disks, /home on an encrypted partition.
const images = ['first.qcow2', 'second.qcow2'].map((name) => join(folder, name))

let inOneAppliance: { readonly theirs: readonly [string, string][]; readonly ours: readonly Filesystem[] }

beforeAll(async () => {
  for (const image of images) qemuImg('create', '-q', '-f', 'qcow2', image, '100M')
  const emulated = !(await kvmWorks(runner, never))
  const appliance = await startAppliance(runner, { temporary: join(folder, 'making'), emulated }, never)
  const { call, end } = appliance
  for (const image of images) await call('add_drive_opts', [image], { options: { format: 'qcow2' } })
  await call('launch')
  await call('part_init', ['/dev/sda', 'mbr'])
  await call('part_add', ['/dev/sda', 'p', 2048, 102_399])
  await call('part_add', ['/dev/sda', 'p', 102_400, -128])
  await call('pvcreate', ['/dev/sda1'])
  await call('pvcreate', ['/dev/sdb'])
  await call('vgcreate', ['vg', ['/dev/sda1', '/dev/sdb']])
  await call('lvcreate_free', ['root', 'vg', 100])
  // As few rounds as there may be: each try of a key costs all of them.
  const rounds = '--pbkdf pbkdf2 --pbkdf-force-iterations 1000'
  // libguestfs' own calls wait for device nodes, which come and go while partitions are read anew; a shell does not.
  const format = `cryptsetup luksFormat -q ${rounds} /dev/sda2 -`
  await call('debug', ['sh', [`udevadm settle && printf '%s' '${secret}' | ${format}`]])
  await call('cryptsetup_open', ['/dev/sda2', secret, 'made'])
  await call('mke2fs', ['/dev/mapper/made'], { options: { fstype: 'ext4', label: 'home' } })
  await call('mke2fs', ['/dev/vg/root'], { options: { fstype: 'ext4' } })
  await call('mount', ['/dev/vg/root', '/'])
  for (const path of ['/etc', '/home']) await call('mkdir', [path])
  await call('write', ['/etc/os-release', 'ID=debian\nVERSION_ID=12\n'])
  await call('write', ['/etc/crypttab', 'secret /dev/sda2 none luks\n'])
  await call('write', [
    '/etc/fstab',
    '/dev/mapper/vg-root / ext4 defaults 0 1\n/dev/mapper/secret /home ext4 defaults 0 2\n',
  ])
  for (const path of ['/boot', '/lib/modules/6.1', '/usr/sbin']) await call('mkdir_p', [path])
  await call('write', ['/usr/sbin/update-initramfs', ''])
  await call('write', ['/boot/vmlinuz-6.1', ''])
  await call('write', ['/lib/modules/6.1/modules.dep', 'kernel/virtio_blk.ko:\nkernel/virtio_pci.ko:\n'])
  await call('fallocate64', ['/boot/initrd.img-6.1', 40 * 1024 * 1024])
  await call('umount_all')
  await call('cryptsetup_close', ['/dev/mapper/made'])
  writeFileSync(join(folder, 'right'), `${secret}\n`)
  const keyring = await readKeyring([{ from: { file: join(folder, 'right') } }])
  inOneAppliance = {
    ours: (await readDevices(appliance, keyring, new Map())).filesystems,
    theirs: Object.entries(await call<Record<string, string>>('list_filesystems')),
  }
  await call('shutdown')
  await end()
}, 300_000)

afterAll(() => rmSync(folder, { recursive: true }))

async function inspect(luksKeys: readonly LuksKey[]) {
  const disks = images.map((path, index) => ({
    id: `disk${index}`,
    image: { path, format: 'qcow2' as const },
    overlay: join(folder, `overlay${index}.qcow2`),
  }))
  const guest = await guests.open({ folder, disks, luksKeys }, never)
  try {
    return await guest.inspect({ collectGuestInfo: false })
  } finally {
    await guest.abandon()
  }
}

it('has the file systems that libguestfs lists, in its order', () => {
  const { theirs, ours } = inOneAppliance
  expect(ours.map(({ mountable, type }) => [mountable, type])).toEqual(theirs)
  expect(ours.map(({ device }) => device)).toEqual(['/dev/mapper/h2k0', '/dev/vg/root'])
})

describe('a guest on LVM over two disks with an encrypted partition', () => {
  it('is known, and its encrypted part stays closed without a key', async () => {
    const { family, layers, filesystems, linux, findings } = await inspect([])
    expect({ family, layers }).toEqual({ family: 'linux', layers: ['lvm', 'luks'] })
    expect(filesystems.find(({ device }) => device === '/dev/vg/root')?.mountpoint).toBe('/')
    expect(linux?.fstab.map(({ device }) => device)).toEqual(['/dev/vg/root', undefined])
    const told = findings.map(({ rule, subject }) => `${rule} ${subject}`)
    expect(told).toContain('guest.encrypted /dev/sda2')
    // 40 MiB of image with its copy do not fit once more: the root has less than 80 free.
    expect(linux?.kernels[0]?.initramfs?.bytes).toBe(40 * 1024 * 1024)
    expect(told).toContain('guest.boot_space /')
  })

  it('is opened by the key in a file, the wrong one left aside', async () => {
    const [wrong, right] = ['wrong', 'right'].map((name) => join(folder, name))
    writeFileSync(wrong ?? '', 'battery staple\n')
    const inspection = await inspect([{ from: { file: wrong ?? '' } }, { from: { file: right ?? '' } }])
    // Under the guest's own name, which the makers of its initramfs look for.
    const home = inspection.filesystems.find(({ mountpoint }) => mountpoint === '/home')
    expect(home).toMatchObject({ label: 'home', device: '/dev/mapper/secret' })
    expect(inspection.filesystems).toContainEqual({
      device: '/dev/sda2',
      type: 'crypto_LUKS',
      uuid: expect.any(String),
    })
    expect(inspection.linux?.crypttab).toEqual([{ name: 'secret', device: '/dev/sda2' }])
    expect(inspection.findings.map(({ rule }) => rule)).not.toContain('guest.encrypted')
    expect(JSON.stringify(inspection)).not.toContain(secret)
  })
})
