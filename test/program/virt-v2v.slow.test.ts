import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fileOf, makeLinuxDisk } from '../support/linux-disk.ts'
import { makeWorkspace } from '../support/machines.ts'
import { h2k } from '../support/program.ts'

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

test('a Linux is repaired by virt-v2v, and set up by its configuration after that', async () => {
  const build = join(import.meta.dirname, '../../scripts/test-guest.sh')
  const ova = execFileSync(build, ['uefi'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
  const made = makeWorkspace({
    'manifests/web01.yaml': `manifest_version: "1.0"
source: {provider: ova, path: ../web01.ova}
network_mapping: {default_bridge: br0}
pipeline: {fix: {enabled: true, fixer: virt-v2v}}
configuration: {hostname: {hostname: by-h2k}}
`,
  })
  symlinkSync(ova.trim(), join(made, 'web01.ova'))
  const source = sha256(join(made, 'web01.ova'))
  const { exitCode, stdout, stderr } = await h2k(made, ['apply', '--auto-approve'])
  expect(exitCode, stdout + stderr).toBe(0)
  expect(sha256(join(made, 'web01.ova'))).toBe(source)
  const shown = (await h2k(made, ['state', 'show', 'web01'])).stdout
  expect(shown).toContain('repaired by virt-v2v-in-place')
  const result = join(made, 'output/web01/vmdisk1.qcow2')
  // As virt-v2v does it, and not h2k.
  expect(fileOf(result, '/etc/fstab', 2)).toMatch(/^\/dev\/vda2 /m)
  expect(fileOf(result, '/etc/hostname', 2)).toBe('by-h2k\n')
}, 1_800_000)

test('what virt-v2v cannot repair fails by its own words, and is not copied', async () => {
  const made = makeWorkspace({
    'manifests/web01.yaml': `manifest_version: "1.0"
source: {provider: local}
vm: {cpu: 1, mem_gb: 1}
disks: [{id: boot, source_format: vmdk, bytes: 67108864, local_path: ../web01.vmdk}]
pipeline: {fix: {enabled: true, fixer: virt-v2v}}
`,
  })
  makeLinuxDisk(join(made, 'web01.vmdk'))
  const { exitCode, stderr } = await h2k(made, ['apply', '--auto-approve'])
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/web01\/fix error GUEST_REPAIR_FAILED: .+\n.*virt-v2v\.log/)
}, 900_000)
