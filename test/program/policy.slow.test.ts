import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeWorkspace, qemuImg } from '../support/machines.ts'
import { h2k } from '../support/program.ts'

const manifest = (target: string) => `manifest_version: "1.0"
source: {provider: local}
vm: {cpu: 1, mem_gb: 1}
disks: [{id: boot, source_format: vmdk, bytes: 4194304, local_path: ../disk.vmdk}]
target: ${target}
`

test('what a schema of the workspace denies is not planned and not applied, and exits 6', async () => {
  const folder = makeWorkspace({
    'h2k.yaml':
      'h2k_version: 1\nname: test\nconnections: {a: {type: files}, b: {type: files}}\npolicy: {schemas: [ours.yaml]}\n',
    'ours.yaml': 'properties: {target: {const: a, description: only a is paid for}}\n',
    'manifests/web.yaml': manifest('b'),
    'manifests/app.yaml': manifest('a'),
  })
  qemuImg('create', '-q', '-f', 'vmdk', join(folder, 'disk.vmdk'), '4M')
  for (const args of [['validate'], ['plan'], ['apply', '--auto-approve']]) {
    const { exitCode, stderr } = await h2k(folder, args)
    expect(stderr, args[0]).toContain(
      'manifests/web.yaml:5:1 error POLICY_DENIED: machine.web: target must be "a": only a is paid for',
    )
    expect(exitCode, args[0]).toBe(6)
  }
  expect((await h2k(folder, ['plan', '--only', 'machine.app'])).exitCode).toBe(0)

  writeFileSync(join(folder, 'manifests/bad.yaml'), 'manifest_version: 1\n')
  expect((await h2k(folder, ['validate'])).exitCode, 'something else is wrong, too').toBe(1)
})
