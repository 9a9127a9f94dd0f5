import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeWorkspace, qemuImg } from '../support/machines.ts'
import { h2k } from '../support/program.ts'

// What the twenty have in common.
const shared = `vm:
  cpu: 2
  mem_gb: 4
  firmware: uefi
  machine_type: q35
  os_hint: debian
network_mapping:
  source_networks:
    VM Network: br0
    DMZ:
      network: dmz
      model: e1000e
    Backup:
      bridge: ovs0
      vlan: 110
  mac_address_policy: preserve
  on_unmapped: error
pipeline:
  convert:
    enabled: true
    compress: true
    compression: zstd
  validate:
    enabled: true
    check_image_integrity: true
    compare_source: true
network_limits:
  average_kib: 125000
  peak_kib: 250000
output:
  format: qcow2
`

const own = (index: number) => `manifest_version: "1.0"
source: {provider: local, vm_name: web${index}}
disks: [{id: boot, source_format: vmdk, bytes: 1048576, local_path: ../disk.vmdk}]
`

const linesOf = (texts: Iterable<string>) => [...texts].reduce((sum, text) => sum + text.split('\n').length - 1, 0)

function write(folder: string, files: ReadonlyMap<string, string>): void {
  for (const name of ['manifests', 'profiles']) {
    rmSync(join(folder, name), { recursive: true, force: true })
    mkdirSync(join(folder, name))
  }
  for (const [file, text] of files) writeFileSync(join(folder, file), text)
}

test('twenty machines take a fifth of the lines with a profile, and are the same machines', async () => {
  const indices = Array.from({ length: 20 }, (_, index) => index)
  const flat = new Map(indices.map((index) => [`manifests/web${index}.yaml`, `${own(index)}${shared}`]))
  const layered = new Map([
    ['profiles/web.yaml', shared],
    ...indices.map((index) => [`manifests/web${index}.yaml`, `${own(index)}profile: web\n`] as const),
  ])
  expect(linesOf(layered.values()) / linesOf(flat.values())).toBeLessThan(0.2)

  const folder = makeWorkspace({})
  qemuImg('create', '-q', '-f', 'vmdk', join(folder, 'disk.vmdk'), '1M')
  write(folder, flat)
  expect((await h2k(folder, ['apply', '--auto-approve'])).exitCode).toBe(0)
  write(folder, layered)
  const { stdout, exitCode } = await h2k(folder, ['plan', '--detailed-exitcode'])
  expect(stdout).toContain('No changes. 20 machines as git says.')
  expect(exitCode).toBe(0)
})
