import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRunner } from '../../../src/adapters/exec/runner.ts'
import { kvmWorks } from '../../../src/adapters/guestfs/acceleration.ts'
import { type Appliance, startAppliance } from '../../../src/adapters/guestfs/appliance.ts'
import { applianceTree } from '../../../src/adapters/guestfs/tree.ts'
import { guestTreeContract } from '../../contract/guest-tree.ts'
import { qemuImg } from '../../support/machines.ts'

const never = new AbortController().signal
const folder = mkdtempSync(join(tmpdir(), 'h2k-tree-'))
const runner = createRunner()
let appliance: Appliance
let count = 0

const open = async () => {
  const tree = applianceTree(appliance)
  const own = `/test${count++}`
  await tree.makeFolder(own)
  return { tree, folder: own }
}

beforeAll(async () => {
  const disk = join(folder, 'disk.qcow2')
  qemuImg('create', '-q', '-f', 'qcow2', disk, '200M')
  const emulated = !(await kvmWorks(runner, never))
  appliance = await startAppliance(runner, { temporary: join(folder, 'tmp'), emulated }, never)
  await appliance.call('add_drive_opts', [disk], { options: { format: 'qcow2' } })
  await appliance.call('launch')
  await appliance.call('mke2fs', ['/dev/sda'], { options: { fstype: 'ext4' } })
  await appliance.call('mount', ['/dev/sda', '/'])
}, 300_000)

afterAll(async () => {
  await appliance?.end()
  rmSync(folder, { recursive: true })
})

describe('the guest in an appliance', () => {
  guestTreeContract(open)

  it('keeps owners', async () => {
    const { tree, folder: at } = await open()
    await tree.write(`${at}/file`, 'x')
    await tree.setOwner(`${at}/file`, 1000, 1001)
    await tree.write(`${at}/file`, 'y')
    expect(await appliance.call('statns', [`${at}/file`])).toMatchObject({ st_uid: 1000, st_gid: 1001 })
  })

  it('takes no link out of the guest', async () => {
    const { tree, folder: at } = await open()
    await tree.link('../../../../../../proc/version', `${at}/out`)
    expect(await tree.read(`${at}/out`)).toBeUndefined()
  })
})
