import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withHive } from '../../src/adapters/guestfs/inspect/hive.ts'
import { makeWorkspace } from '../support/machines.ts'
import { h2k, start, until } from '../support/program.ts'
import { runningMatching } from '../support/running.ts'
import { inAppliance, makeVirtioWin, makeWindowsDisk } from '../support/windows-disk.ts'

const folder = mkdtempSync(join(tmpdir(), 'h2k-windows-'))
const disk = join(folder, 'windows.qcow2')
const tools = join(folder, 'virt-tools')
const environment = { VIRT_TOOLS_DATA_DIR: tools }

beforeAll(async () => {
  await makeWindowsDisk(disk)
  mkdirSync(tools)
  writeFileSync(join(tools, 'rhsrvany.exe'), 'phony')
}, 600_000)

afterAll(() => rmSync(folder, { recursive: true }))

const manifest = (fix: string, system = 'other') => `manifest_version: "1.0"
source: {provider: local}
vm: {cpu: 1, mem_gb: 1, os_hint: ${system}}
disks: [{id: boot, source_format: qcow2, bytes: 536870912, local_path: ../windows.qcow2}]
pipeline: {fix: {enabled: true${fix}}}
`

function workspace(fix: string, system?: string): string {
  const made = makeWorkspace({ 'manifests/win01.yaml': manifest(fix, system) })
  copyFileSync(disk, join(made, 'windows.qcow2'))
  makeVirtioWin(join(made, 'virtio-win'))
  makeVirtioWin(join(made, 'for-another'), '2k22')
  return made
}

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')
const apply = (made: string, env: Record<string, string> = environment) => h2k(made, ['apply', '--auto-approve'], env)

describe('a Windows', () => {
  test('for which there are no drivers is refused, and else gets them by virt-v2v, also when h2k was killed', async () => {
    const made = workspace(', virtio_win: ../for-another')
    const source = sha256(join(made, 'windows.qcow2'))
    const refused = await apply(made)
    expect(refused.exitCode).toBe(1)
    expect(refused.stderr).toMatch(
      /win01\/fix.*GUEST_REFUSED: guest\.no_drivers: .*no viostor and no netkvm.* in w10 or win10\/amd64/,
    )
    expect(existsSync(join(made, 'output'))).toBe(false)

    writeFileSync(join(made, 'manifests/win01.yaml'), manifest(', virtio_win: ../virtio-win'))
    const killed = start(made, ['apply', '--auto-approve'], environment)
    const converting = () => existsSync(join(made, '.h2k/work/guests/win01/tmp/source.xml'))
    await until(
      () => converting() && runningMatching(made).some(({ command }) => command.includes('qemu-system')),
      killed,
    )
    killed.child.kill('SIGKILL')
    await killed.ended
    await expect.poll(() => runningMatching(made), { timeout: 15_000 }).toEqual([])

    const { exitCode, stdout, stderr } = await apply(made)
    expect(exitCode, stdout + stderr).toBe(0)
    expect(stdout).toContain('machine.win01/inspect: skipped, unchanged')
    expect(sha256(join(made, 'windows.qcow2'))).toBe(source)
    const shown = (await h2k(made, ['state', 'show', 'win01'])).stdout
    expect(shown).toContain('Windows 10 Pro')
    expect(shown).toContain('repaired by virt-v2v-in-place')
    expect(shown).toContain('Fast Startup is on')
    expect(readdirSync(join(made, '.h2k/logs'), { recursive: true }).join(' ')).toContain('virt-v2v.log')

    const result = join(made, 'output/win01/boot.qcow2')
    await inAppliance(result, 'qcow2', async (appliance) => {
      await appliance.call('mount_ro', ['/dev/sda1', '/'])
      const driver = await appliance.call<Uint8Array>('read_file', ['/Windows/System32/drivers/viostor.sys'])
      expect(Buffer.from(driver).toString()).toBe('phony viostor.sys')
      const start = await withHive(appliance, '/Windows/System32/config/SYSTEM', (hive) =>
        hive.number(['ControlSet001', 'Services', 'viostor'], 'Start'),
      )
      expect(start).toBe(0)
    })
    expect((await h2k(made, ['plan', '--detailed-exitcode'])).exitCode).toBe(0)
  }, 900_000)

  test.each([
    ['', environment, /KEY_MISSING: .*drivers.*\n.*virtio_win/],
    [', virtio_win: ../none.iso', environment, /FILE_UNREADABLE: .*none\.iso.*ENOENT/],
    [', virtio_win: ../h2k.yaml', environment, /FILE_UNREADABLE: .*h2k\.yaml.*no ISO/],
    [', virtio_win: ../virtio-win', { VIRT_TOOLS_DATA_DIR: '/nowhere' }, /TOOL_MISSING: .*rhsrvany\.exe/],
  ])('by its name, without what its repair needs%s, fails in the first seconds', async (fix, env, told) => {
    const { exitCode, stderr } = await apply(workspace(fix, 'windows9_64Guest'), env)
    expect(exitCode).toBe(1)
    expect(stderr).toMatch(told)
    expect(stderr).toContain('machine.win01/preflight')
  })
})
