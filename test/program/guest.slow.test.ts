import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fileOf, makeLinuxDisk } from '../support/linux-disk.ts'
import { makeWorkspace, qemuImg } from '../support/machines.ts'
import { h2k, start, until } from '../support/program.ts'
import { runningMatching } from '../support/running.ts'

const manifest = (rest = '') => `manifest_version: "1.0"
source: {provider: local}
vm: {cpu: 1, mem_gb: 1}
disks: [{id: boot, source_format: vmdk, bytes: 67108864, local_path: ../web01.vmdk}]
pipeline: {fix: {enabled: true}${rest}}
`

function workspace(rest?: string): string {
  const folder = makeWorkspace({ 'manifests/web01.yaml': manifest(rest) })
  makeLinuxDisk(join(folder, 'web01.vmdk'))
  return folder
}

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')
const result = (folder: string) => join(folder, 'output/web01/boot.qcow2')
const byUuid = /^UUID=[0-9a-f-]{36} \/ ext4 defaults 0 1$/m
const overlays = (folder: string) =>
  readdirSync(join(folder, '.h2k/work'), { recursive: true }).filter((name) => String(name).endsWith('.qcow2'))

async function applied(folder: string): Promise<string> {
  const ended = await h2k(folder, ['apply', '--auto-approve'])
  expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
  return ended.stdout
}

describe('a guest', () => {
  // One guest for all of this: under emulation each look into one takes its time.
  test('is repaired over its source, copied once, left alone after that, and repaired again for another copy', async () => {
    const folder = workspace()
    const source = sha256(join(folder, 'web01.vmdk'))
    const killed = await h2k(folder, ['apply', '--auto-approve'], { H2K_FAILPOINT: 'publish:after-done:kill' })
    expect(killed.signal).toBe('SIGKILL')
    expect(killed.stdout).toContain('machine.web01/fix: done')
    expect(overlays(folder)).not.toEqual([])
    expect(await applied(folder)).toContain('No changes')
    expect(overlays(folder)).toEqual([])
    expect(fileOf(result(folder), '/etc/fstab')).toMatch(byUuid)
    expect(sha256(join(folder, 'web01.vmdk'))).toBe(source)
    expect(runningMatching(folder)).toEqual([])
    const shown = (await h2k(folder, ['state', 'show', 'web01'])).stdout
    expect(shown).toContain('Debian GNU/Linux 12 (bookworm)')
    expect(shown).toContain('-/dev/sda1 / ext4 defaults 0 1')
    expect((await h2k(folder, ['plan', '--detailed-exitcode'])).exitCode).toBe(0)

    const other = manifest(', convert: {enabled: true, compress: true}')
    writeFileSync(join(folder, 'manifests/web01.yaml'), other)
    const planned = (await h2k(folder, ['plan'])).stdout
    expect(planned).toContain('debian 12: fstab by UUID')
    expect(planned).toContain('what it left is gone, and convert reads it')
    const text = await applied(folder)
    expect(text).toContain('machine.web01/inspect: skipped, unchanged')
    expect(text).toContain('machine.web01/fix: done')
    expect(fileOf(result(folder), '/etc/fstab')).toMatch(byUuid)
    expect(overlays(folder)).toEqual([])

    // Its state is lost.
    rmSync(join(folder, '.h2k'), { recursive: true })
    const imported = await h2k(folder, ['state', 'import', 'web01', '--adopt'])
    expect([imported.exitCode, imported.stdout], imported.stderr).toEqual([
      0,
      expect.stringContaining('is in the state now'),
    ])
    const plan = await h2k(folder, ['plan', '--detailed-exitcode'])
    expect(plan.exitCode, plan.stdout).toBe(0)
    expect((await h2k(folder, ['state', 'show', 'web01'])).stdout).toContain('what was repaired in it nobody knows')
    expect(overlays(folder)).toEqual([])
    writeFileSync(join(folder, 'manifests/web01.yaml'), manifest())
    expect(await applied(folder)).toContain('machine.web01/fix: done')
    expect(fileOf(result(folder), '/etc/fstab')).toMatch(byUuid)
  }, 600_000)

  test('killed at any point of its repair goes on, and comes out the same', async () => {
    const folder = workspace()
    for (const [point, before] of [
      ['in-effect', 'inspect: done'],
      ['after-effect', 'inspect: skipped, unchanged'],
      ['after-done', 'inspect: skipped, unchanged'],
    ]) {
      const killed = await h2k(folder, ['apply', '--auto-approve'], { H2K_FAILPOINT: `fix:${point}:kill` })
      expect(killed.signal).toBe('SIGKILL')
      expect(killed.stdout).toContain(`machine.web01/${before}`)
      expect(killed.stdout).toContain('machine.web01/fix: started')
      await expect.poll(() => runningMatching(folder), { timeout: 15_000 }).toEqual([])
    }
    const text = await applied(folder)
    expect(text).toContain('machine.web01/inspect: skipped, unchanged')
    expect(text).toContain('machine.web01/fix: skipped')
    expect(fileOf(result(folder), '/etc/fstab')).toMatch(byUuid)
    expect(overlays(folder)).toEqual([])
  }, 600_000)

  test.each(['SIGKILL', 'SIGINT'] as const)('takes its appliance along when h2k gets %s', async (name) => {
    const folder = workspace()
    const running = start(folder, ['apply', '--auto-approve'])
    await until(() => runningMatching(folder).some(({ command }) => command.includes('qemu-system')), running)
    running.child.kill(name)
    const { exitCode } = await running.ended
    expect(exitCode).toBe(name === 'SIGINT' ? 130 : null)
    await expect.poll(() => runningMatching(folder), { timeout: 15_000 }).toEqual([])
    const temporary = join(folder, '.h2k/work/guests/web01/tmp')
    await expect.poll(() => (existsSync(temporary) ? readdirSync(temporary) : []), { timeout: 15_000 }).toEqual([])
  })

  test('that h2k does not know is refused before anything is copied', async () => {
    const folder = makeWorkspace({ 'manifests/web01.yaml': manifest() })
    qemuImg('create', '-q', '-f', 'vmdk', join(folder, 'web01.vmdk'), '64M')
    const ended = await h2k(folder, ['apply', '--auto-approve'])
    expect(ended.exitCode).toBe(1)
    expect(ended.stderr).toMatch(
      /machine\.web01\/inspect.* error GUEST_REFUSED: guest\.unknown_system: .*\n.*leave pipeline/,
    )
    expect(existsSync(join(folder, 'output'))).toBe(false)
  })
})
