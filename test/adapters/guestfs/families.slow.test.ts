import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRunner } from '../../../src/adapters/exec/runner.ts'
import { kvmWorks } from '../../../src/adapters/guestfs/acceleration.ts'
import { type Appliance, startAppliance } from '../../../src/adapters/guestfs/appliance.ts'
import type { Devices } from '../../../src/adapters/guestfs/devices.ts'
import { inspectGuest } from '../../../src/adapters/guestfs/inspect/inspect.ts'
import { createReadInitramfs } from '../../../src/adapters/guestfs/inspect/read-initramfs.ts'
import { repairLinux } from '../../../src/adapters/guestfs/linux/repairs.ts'
import { findSystems } from '../../../src/adapters/guestfs/mount-guest.ts'
import { applianceTree } from '../../../src/adapters/guestfs/tree.ts'
import { virtioModules } from '../../../src/core/inspection.ts'
import type { RepairRequest } from '../../../src/core/repair.ts'
import { type FamilyTree, familyTrees, imageMaker } from '../../support/family-trees.ts'
import { qemuImg } from '../../support/machines.ts'
import { usualRepair } from '../../support/repair-request.ts'

const uuid = '5b7f0d3e-2c11-4b58-9c47-0a57f1e0de11'
const root = { mountable: '/dev/sda1', device: '/dev/sda1', type: 'ext4', uuid }
const devices: Devices = {
  disks: ['/dev/sda'],
  filesystems: [root],
  luks: [],
  layers: [],
  partitions: [{ device: '/dev/sda1' }],
}

// In the appliance.
const programs = '/tmp/programs'

const signal = new AbortController().signal
const folder = mkdtempSync(join(tmpdir(), 'h2k-families-'))
const temporary = join(folder, 'tmp')
const runner = createRunner()
let appliance: Appliance
let emulated = false

const request: RepairRequest = {
  ...usualRepair,
  nics: [{ id: 'nic1', mac: '52:54:00:aa:bb:01', sourceMac: '00:50:56:aa:bb:01', predictedName: 'enp1s0' }],
}

beforeAll(async () => {
  const disk = join(folder, 'disk.qcow2')
  qemuImg('create', '-q', '-f', 'qcow2', disk, '200M')
  emulated = !(await kvmWorks(runner, signal))
  appliance = await startAppliance(runner, { temporary, emulated }, signal)
  await appliance.call('add_drive_opts', [disk], { options: { format: 'qcow2' } })
  await appliance.call('launch')
  await appliance.call('part_disk', ['/dev/sda', 'mbr'])
  const files = '/bin/bash /bin/mkdir /bin/rm /bin/cp /usr/bin/env /usr/bin/stat /bin/cpio'
  const copy = `for file in ${files}; do cp -L --parents $file $(ldd $file | grep -o '/[^ ]*') ${programs}; done`
  await appliance.call('debug', ['sh', [`mkdir ${programs} && ${copy}`]])
}, 300_000)

afterAll(async () => {
  await appliance?.end()
  rmSync(folder, { recursive: true })
})

/** Lays the tree on a new file system, with the appliance's own shell for the scripts in it. */
async function lay({ files, links = {}, image, maker }: FamilyTree): Promise<void> {
  const { call } = appliance
  await call('umount_all')
  await call('mke2fs', ['/dev/sda1'], { options: { fstype: 'ext4', uuid } })
  await call('mount', ['/dev/sda1', '/'])
  const tree = applianceTree(appliance)
  await call('debug', ['sh', [`cp -a ${programs}/. /sysroot`]])
  await tree.link('bash', '/bin/sh')
  const all = { ...files, '/etc/fstab': '/dev/sda1 / ext4 defaults 0 1\n', [maker]: imageMaker(image) }
  for (const [path, content] of Object.entries(all)) {
    await tree.makeFolder(dirname(path))
    await tree.write(path, content, { mode: content.startsWith('#!') ? 0o755 : 0o644 })
  }
  for (const path of ['/dev', '/proc', '/sys']) await tree.makeFolder(path)
  for (const [path, target] of Object.entries(links)) {
    await tree.makeFolder(dirname(path))
    await tree.link(target, path)
  }
  await call('umount_all')
}

/** Inspects and repairs; leaves the system mounted. */
async function repaired() {
  await appliance.call('umount_all')
  const systems = await findSystems(appliance, devices)
  const options = { collectGuestInfo: false, runner, temporary, signal }
  const inspection = await inspectGuest(appliance, devices, systems, options)
  const tree = applianceTree(appliance)
  const readInitramfs = createReadInitramfs(appliance, options)
  const outcome = await repairLinux(tree, inspection, request, { readInitramfs, emulated, signal })
  return { inspection, outcome, tree }
}

/** The first of those whose initramfs is made by the same tool: what is ready is asked again of one of them. */
const firstOfItsTool = ({ known }: FamilyTree) => familyTrees.find((other) => other.known.tool === known.tool)

describe('a Linux on a real file system is known, repaired, and then ready:', () => {
  test.each(familyTrees)('$name', async (family) => {
    await lay(family)
    const { inspection, outcome, tree } = await repaired()
    const { distribution, version, linux } = inspection
    const found = { distribution, version, tool: linux?.initramfsTool, packages: linux?.packageSystem }
    expect(found).toEqual(family.known)
    expect(linux?.kernels.map(({ initramfs }) => initramfs)).toMatchObject([{ path: family.image, holds: [] }])
    const told = outcome.changes.map(({ repair, subject, summary }) => `${repair}: ${subject}: ${summary}`)
    expect(told).toMatchSnapshot('changes')
    expect(await tree.read('/etc/fstab')).toBe(`UUID=${uuid} / ext4 defaults 0 1\n`)
    expect(await tree.read('/tools.log')).toMatchSnapshot('tools')
    expect(await tree.read(family.network)).toMatchSnapshot('network')

    if (firstOfItsTool(family) !== family) return
    const again = await repaired()
    expect(again.inspection.linux?.kernels[0]?.initramfs?.holds.toSorted()).toEqual([...virtioModules].toSorted())
    expect(again.outcome.changes).toEqual([])
  })
})
