import { join } from 'node:path'
import { makeWorkspace, qemuImg } from './machines.ts'

/** The manifest of a machine with one small image file, `disk.vmdk` of its workspace. */
export const localManifest = (rest = '') => `manifest_version: "1.0"
source: {provider: local}
vm: {cpu: 1, mem_gb: 1}
disks: [{id: boot, source_format: vmdk, bytes: 4194304, local_path: ../disk.vmdk}]
${rest}`

/** A workspace with that image. */
export function localWorkspace(files: Readonly<Record<string, string>>): string {
  const folder = makeWorkspace(files)
  qemuImg('create', '-q', '-f', 'vmdk', join(folder, 'disk.vmdk'), '4M')
  return folder
}
