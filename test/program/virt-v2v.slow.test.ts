import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeDebianDisk } from '../support/debian-disk.ts'
import { fileOf, makeLinuxDisk } from '../support/linux-disk.ts'
import { makeWorkspace } from '../support/machines.ts'
import { h2k } from '../support/program.ts'

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

/** Repairs and sets up; the number is that of its root's partition. */
async function repaired(made: string, source: string, disk: string, partition: number) {
  const before = sha256(join(made, source))
  const { exitCode, stdout, stderr } = await h2k(made, ['apply', '--auto-approve'])
  expect(exitCode, stdout + stderr).toBe(0)
  expect(sha256(join(made, source))).toBe(before)
  const shown = (await h2k(made, ['state', 'show', 'web01'])).stdout
  expect(shown).toContain('repaired by virt-v2v-in-place')
  const result = join(made, `output/web01/${disk}.qcow2`)
  // As virt-v2v does it, and not h2k.
  expect(fileOf(result, '/etc/fstab', partition)).toMatch(new RegExp(`^/dev/vda${partition} `, 'm'))
  expect(fileOf(result, '/etc/hostname', partition)).toBe('by-h2k\n')
  return result
}

const manifest = (source: string, rest = '') => `manifest_version: "1.0"
${source}
pipeline: {fix: {enabled: true, fixer: virt-v2v}}
${rest}`
const local = (bytes: number) => `source: {provider: local}
vm: {cpu: 1, mem_gb: 1}
disks: [{id: boot, source_format: vmdk, bytes: ${bytes}, local_path: ../web01.vmdk}]`
const ofOva = `source: {provider: ova, path: ../web01.ova}
network_mapping: {default_bridge: br0}`
const configuration = 'configuration: {hostname: {hostname: by-h2k}}\n'

test('a Linux is repaired by virt-v2v, and set up by its configuration after that', async () => {
  const made = makeWorkspace({ 'manifests/web01.yaml': manifest(local(100_663_296), configuration) })
  makeDebianDisk(join(made, 'web01.vmdk'))
  const result = await repaired(made, 'web01.vmdk', 'boot', 1)
  expect(fileOf(result, '/tools.log')).toContain('update-initramfs -c -k 6.1.0-1-cloud-amd64\n')
}, 900_000)

// Its own tools take minutes without KVM: `npm run test:guests` has it.
test.each(process.env.H2K_TEST_GUESTS === 'all' ? ['uefi'] : [])(
  'a Debian with tools of its own is: %s',
  async (variant) => {
    const build = join(import.meta.dirname, '../../scripts/test-guest.sh')
    const ova = execFileSync(build, [variant], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
    const made = makeWorkspace({ 'manifests/web01.yaml': manifest(ofOva, configuration) })
    symlinkSync(ova.trim(), join(made, 'web01.ova'))
    await repaired(made, 'web01.ova', 'vmdisk1', 2)
  },
  1_800_000,
)

test('what virt-v2v cannot repair fails by its own words, and is not copied', async () => {
  const made = makeWorkspace({ 'manifests/web01.yaml': manifest(local(67_108_864)) })
  makeLinuxDisk(join(made, 'web01.vmdk'))
  const { exitCode, stderr } = await h2k(made, ['apply', '--auto-approve'])
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/web01\/fix error GUEST_REPAIR_FAILED: .+\n.*virt-v2v\.log/)
}, 900_000)
