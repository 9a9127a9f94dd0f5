import { existsSync, writeFileSync } from 'node:fs'
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

const rules = (rest: string) => `h2k_version: 1
name: test
policy:
  rules:
    unmapped_storage: warn
    oversize: {max_disk_gib: 0.001}
  waivers:
${rest}  plan_schemas: [plan.json]
  commands:
    - {name: ours, run: [node, ours.mjs]}
`
const waiver = (machine: string, until: string) =>
  `    - {rule: oversize, machines: [${machine}], by: "CISO </details><script>", reason: agreed, until: ${until}}\n`

const ours = `const plan = JSON.parse(await new Response(process.stdin).text())
console.log(JSON.stringify(plan.machines.filter(({ machine }) => machine.vm.mem_gb > 1).map(({ name }) => ({ msg: 'too much memory', machine: name, field: 'vm.mem_gb' }))))
`

test('built-in rules, schemas over the plan and commands deny, and waivers count until they end', async () => {
  const plan = {
    properties: { machines: { items: { properties: { machine: { properties: { disks: { maxItems: 1 } } } } } } },
  }
  const folder = makeWorkspace({
    'h2k.yaml': rules(waiver('web', '2999-01-01') + waiver('app', '2020-01-01')),
    'plan.json': JSON.stringify(plan),
    'ours.mjs': ours,
    'manifests/web.yaml': manifest('null').replace('target: null\n', ''),
    'manifests/app.yaml': manifest('null').replace('target: null\n', '').replace('mem_gb: 1', 'mem_gb: 2'),
  })
  qemuImg('create', '-q', '-f', 'vmdk', join(folder, 'disk.vmdk'), '4M')
  const planned = await h2k(folder, ['plan', '--out', 'a.h2kplan'])
  expect(planned.stdout).toContain('Policy: 2 denied, 2 warnings, 1 waived.')
  const expired = 'the waiver by CISO </details><script> until 2020-01-01: agreed, has expired'
  expect(planned.stdout).toContain(
    `  deny machine.app oversize: disk boot has 4 MiB, at most 0.001 GiB allowed (${expired}) [manifests/app.yaml:4:41]`,
  )
  expect(planned.stdout).toContain('  deny machine.app ours: too much memory [manifests/app.yaml:3:14]\n')
  expect(planned.stdout).toContain('  waived machine.web oversize: ')
  expect(planned.stderr).toContain('h2k.yaml:9:7 warning KEY_USELESS: the waiver of oversize of machine.app by CISO')
  expect(planned.exitCode).toBe(6)

  for (const args of [
    ['apply', '--auto-approve'],
    ['apply', 'a.h2kplan'],
  ]) {
    const refused = await h2k(folder, args)
    expect(refused.stderr, args[1]).toContain(
      'manifests/app.yaml:4:41 error POLICY_DENIED: machine.app: oversize: disk boot',
    )
    expect(refused.exitCode, args[1]).toBe(6)
    expect(existsSync(join(folder, 'output')), args[1]).toBe(false)
  }

  const events = await h2k(folder, ['plan', '--only', 'machine.app', '--json'])
  expect(events.events()).toContainEqual(
    expect.objectContaining({ type: 'policy', rule: 'ours', machine: 'app', action: 'deny', waived: false }),
  )
  expect(events.data<{ policy: object[] }>().policy).toContainEqual(
    expect.objectContaining({
      rule: 'oversize',
      field: 'disks.boot',
      at: { file: 'manifests/app.yaml', line: 4, column: 41 },
    }),
  )
  const waived = await h2k(folder, ['apply', '--auto-approve', '--only', 'machine.web'])
  expect(waived.exitCode, waived.stderr).toBe(0)

  writeFileSync(join(folder, 'ours.mjs'), 'process.exit(3)\n')
  const broken = await h2k(folder, ['plan', '--only', 'machine.app'])
  expect(broken.stderr).toContain('h2k.yaml:12:7 error TOOL_FAILED: policy ours could not be asked: it exited with 3')
  expect(broken.exitCode).toBe(1)

  writeFileSync(join(folder, 'h2k.yaml'), 'h2k_version: 1\nname: test\npolicy: {rules: {snapshot_depth: 1}}\n')
  const { stderr } = await h2k(folder, ['validate'])
  expect(stderr).toContain('NOT_BUILT: policy.rules.snapshot_depth: this version has no vSphere source')
})
