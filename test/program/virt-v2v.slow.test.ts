import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeLinuxDisk } from '../support/linux-disk.ts'
import { makeWorkspace } from '../support/machines.ts'
import { h2k } from '../support/program.ts'

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
