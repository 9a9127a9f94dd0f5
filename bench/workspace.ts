import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { sh } from './measure.ts'

export const h2k = resolve('bin/h2k')

/** A workspace with `count` machines of one tiny disk each. */
export function makeWorkspace(count: number): string {
  const folder = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'h2k-bench-'))
  for (const name of ['manifests', 'images']) mkdirSync(join(folder, name))
  sh('qemu-img', ['create', '-q', '-f', 'vmdk', join(folder, 'images/tiny.vmdk'), '1M'])
  writeFileSync(join(folder, 'h2k.yaml'), 'h2k_version: 1\nname: bench\nconcurrency: {disk_io: 10, global: 10}\n')
  for (let index = 0; index < count; index++) {
    const name = `vm${String(index).padStart(5, '0')}`
    writeFileSync(join(folder, 'manifests', `${name}.yaml`), manifest(name, index))
  }
  return folder
}

function manifest(name: string, index: number): string {
  const mac = `00:50:56:${[index >> 16, index >> 8, index].map((byte) => (byte & 255).toString(16).padStart(2, '0')).join(':')}`
  return `manifest_version: "1.0"
source:
  provider: local
  vm_name: ${name}
  export_method: ovftool
vm:
  cpu: 2
  mem_gb: 4
  firmware: bios
  os_hint: debian
disks:
  - id: boot
    source_format: vmdk
    bytes: 1048576
    local_path: ../images/tiny.vmdk
    boot_order_hint: 0
nics:
  - id: nic0
    mac: "${mac}"
    network: VM Network
network_mapping:
  source_networks:
    VM Network: br0
pipeline:
  convert: {enabled: true, compress: false}
output:
  format: qcow2
`
}
