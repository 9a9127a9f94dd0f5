import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { BootTestOutput } from '../../src/core/outputs.ts'
import { type DiskWanted, makeOva, makeWorkspace, temporaryFolder } from '../support/machines.ts'
import { h2k, start, until } from '../support/program.ts'
import { runningWith } from '../support/running.ts'

const login = '\r\nDebian GNU/Linux 12 web01 ttyS0\r\n\r\nweb01 login: '

const manifest = (ova: string, bootTest: string, rest: string) => `manifest_version: "1.0"
source: {provider: ova, path: ${ova}}
network_mapping: {source_networks: {VM Network: br0}}
pipeline: {validate: {enabled: false, boot_test: {enabled: true, ${bootTest}}}}
${rest}`

function machine(disks: readonly DiskWanted[], bootTest: string, rest = '') {
  const ova = makeOva(temporaryFolder(), 'web01', disks).path
  const folder = makeWorkspace({ 'manifests/web01.yaml': manifest(ova, bootTest, rest) })
  const change = (to: string) => writeFileSync(join(folder, 'manifests/web01.yaml'), manifest(ova, to, rest))
  return { folder, change, disk: join(folder, 'output/web01/vmdisk1.qcow2') }
}

const apply = (folder: string) => h2k(folder, ['apply', '--auto-approve', '--json'])

const ran = (ended: Awaited<ReturnType<typeof apply>>) =>
  ended.events().flatMap(({ type, stage }) => (type === 'stage_done' ? [stage] : []))

async function evidence(folder: string): Promise<BootTestOutput | undefined> {
  const { stages } = (await h2k(folder, ['state', 'show', 'web01', '--json'])).data<{
    stages: readonly { stage: string; output: BootTestOutput }[]
  }>()
  return stages.find(({ stage }) => stage === 'boot_test')?.output
}

const emulators = (disk: string) =>
  runningWith(`if=none,id=disk0,snapshot=on,driver=qcow2,file.driver=file,file.filename=${disk}`)

const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

describe('a boot test', () => {
  test('boots the machine, leaves its disks alone, and is not repeated', async () => {
    const { folder, disk } = machine([{ mib: 8, says: login }], '')
    const ended = await apply(folder)
    expect(ended.exitCode, ended.stdout).toBe(0)
    const output = await evidence(folder)
    expect(output).toMatchObject({ sign: 'login prompt', saw: 'web01 login:', agent: false })
    expect(readFileSync(output?.log ?? '', 'utf8')).toContain('web01 ttyS0')
    expect((await h2k(folder, ['state', 'show', 'web01'])).stdout).toMatch(/login prompt after .*: web01 login:/)
    expect(emulators(disk)).toEqual([])
    const again = await h2k(folder, ['plan', '--detailed-exitcode'])
    expect(again.exitCode, again.stdout).toBe(0)
  })

  test('fails with a log and a picture of the screen, and is all that runs again', async () => {
    const { folder, change, disk } = machine([{ mib: 8, says: 'hello\r\n' }], 'timeout_seconds: 8')
    const failed = await h2k(folder, ['apply', '--auto-approve'])
    expect(failed.exitCode).toBe(1)
    expect(failed.stderr).toMatch(/BOOT_FAILED: it did not come to a login prompt after .*: time is up/)
    expect(failed.stderr).toContain('hello')
    const [log = '', picture = ''] = failed.stderr.match(/look at (\S+) and (\S+)/)?.slice(1) ?? []
    expect(readFileSync(log, 'utf8')).toBe('hello\r\n')
    expect(readFileSync(picture).subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n')
    expect(emulators(disk)).toEqual([])

    const before = digest(disk)
    change('expect: hello')
    const ended = await apply(folder)
    expect(ended.exitCode, ended.stdout).toBe(0)
    expect(ran(ended)).toEqual(['boot_test'])
    expect(await evidence(folder)).toMatchObject({ sign: 'expected text', saw: 'hello' })
    expect(digest(disk)).toBe(before)
  })

  test('gives up at once where the guest says that it goes no further', async () => {
    const { folder } = machine([{ mib: 8, says: '[ 1.0] Kernel panic - not syncing: VFS\r\n' }], '')
    const failed = await h2k(folder, ['apply', '--auto-approve'])
    expect(failed.exitCode).toBe(1)
    expect(failed.stderr).toMatch(/BOOT_FAILED: .*Kernel panic - not syncing: VFS/)
  })

  test('boots the disk that is to boot, on every bus', async () => {
    const disks = ['virtio', 'scsi', 'sata', 'ide'].map((bus, index) => {
      const file = `web01-disk${index + 1}.vmdk`
      const boots = bus === 'sata' ? 'boot' : 'data'
      return `{id: ${bus}, source_format: vmdk, bytes: ${8 << 20}, local_path: ${file}, bus: ${bus}, disk_type: ${boots}}`
    })
    const wanted = ['virtio', 'scsi', 'sata', 'ide'].map((bus) => ({ mib: 8, says: `this is ${bus}\r\n` }))
    const { folder } = machine(wanted, 'expect: this is sata', `vm: {machine_type: pc}\ndisks: [${disks.join(', ')}]\n`)
    const ended = await apply(folder)
    expect(ended.exitCode, ended.stdout).toBe(0)
    expect(await evidence(folder)).toMatchObject({ saw: 'this is sata' })
  })

  test('leaves nothing running when h2k is killed in it', async () => {
    const { folder, disk } = machine([{ mib: 8, says: 'hello\r\n' }], '')
    const running = start(folder, ['apply', '--auto-approve'])
    await until(() => emulators(disk).length > 0, running)
    running.child.kill('SIGKILL')
    expect((await running.ended).signal).toBe('SIGKILL')
    while (emulators(disk).length > 0) await sleep(50)
    expect(existsSync(disk)).toBe(true)
    const plan = await h2k(folder, ['plan'])
    expect(plan.stdout).toContain('> boot_test')
  })
})
