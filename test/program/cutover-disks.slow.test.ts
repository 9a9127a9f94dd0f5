import { chmodSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { contentOf, qemuImg, writeRaw } from '../support/machines.ts'
import { atOnce, movingDomains, sha256, write } from '../support/moving-domains.ts'

const { next, applied } = movingDomains()

function second(images: string): string {
  const path = join(images, 'data.raw')
  writeRaw(path, 8)
  chmodSync(path, 0o666)
  return `<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='${path}'/>
    <target dev='vdb' bus='virtio'/></disk>`
}

test('the last copy is of the disks that were written to, and of no others', async () => {
  const { folder, image, run, address, cutover, rollback, both } = await applied('two', atOnce, '', second)
  const data = join(dirname(image), 'data.raw')
  const [system, kept] = ['vda', 'vdb'].map((id) => join(folder, `output/two/${id}.qcow2`)) as [string, string]
  const at = (path: string) => `${statSync(path).ino} ${statSync(path).mtimeMs}`
  const same = () => [contentOf(system, 'qcow2') === sha256(image), contentOf(kept, 'qcow2') === sha256(data)]
  const before = at(kept)
  write(image, 'of the system alone')
  const plan = await run('plan')
  expect(plan.stdout).toContain('vdb stays as it was copied: its source is the same, by its times or its digest')
  expect(plan.stdout).not.toContain('vda stays as it was copied')
  const killed = await cutover({ H2K_FAILPOINT: 'convert:after-effect:kill' })
  expect(killed.signal, killed.stdout + killed.stderr).toBe('SIGKILL')
  const ended = await cutover()
  expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
  expect(both()).toEqual(['shut off', 'running'])
  expect(at(kept)).toBe(before)
  next.virsh('destroy', 'two')
  expect(same()).toEqual([true, true])
  expect((await run('plan', '--detailed-exitcode')).exitCode).toBe(0)

  // What the target wrote to the one disk does not go with what the source wrote to the other.
  expect((await rollback()).exitCode).toBe(0)
  qemuImg('bench', '-w', '-c', '1', '-q', '-f', 'qcow2', '--pattern=7', kept)
  write(image, 'later')
  const [now, then] = [readFileSync(system), readFileSync(kept)]
  const refused = await cutover()
  expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining('DISK_WRITTEN')])
  const unplanned = await run('apply', '--auto-approve', '--no-refresh')
  expect([unplanned.exitCode, unplanned.stderr]).toEqual([1, expect.stringContaining('DISK_WRITTEN')])
  expect([readFileSync(system).equals(now), readFileSync(kept).equals(then)]).toEqual([true, true])
  expect(both()).toEqual(['running', 'shut off'])
  expect((await run('apply', '--redo', `${address}/convert`, '--auto-approve')).exitCode).toBe(0)
  expect(same()).toEqual([true, true])
})
