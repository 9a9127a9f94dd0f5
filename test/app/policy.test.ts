import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { createJsonSchemas } from '../../src/adapters/json-schema/json-schemas.ts'
import { createWorkspaceFiles } from '../../src/adapters/workspace/workspace-files.ts'
import { loadConfig } from '../../src/app/load-workspace.ts'
import { policyProblems } from '../../src/app/policy.ts'
import { bareMachine, loaded, told } from './workspace-on-disk.ts'

async function denied(files: Readonly<Record<string, string>>) {
  const { machines, root } = await loaded(files)
  const workspace = createWorkspaceFiles(root, resolve('.'))
  return told(await policyProblems(machines, loadConfig(workspace), workspace, async () => createJsonSchemas()))
}

const head = 'h2k_version: 1\nname: test\n'

test('what is denied is told where its value stands, in whichever layer', async () => {
  const problems = await denied({
    'h2k.yaml': `${head}policy:\n  schemas: [policy/ours.yaml]\n`,
    'policy/ours.yaml': `
properties:
  vm: {properties: {mem_gb: {maximum: 8}}}
  pipeline: {properties: {convert: {properties: {compress: {const: true}}}}}
  network_mapping: {properties: {default_bridge: {const: br0}}}
required: [target]
`,
    'profiles/ours.yaml':
      'network_mapping: {default_bridge: br1}\npipeline: {convert: {enabled: true, compress: true}}\n',
    'batches/one.yaml':
      'batch_version: "1.0"\nvms:\n  - manifest: ../manifests/a.yaml\n    overrides: {pipeline: {convert: {compress: false}}}\n',
    'manifests/a.yaml': bareMachine('profile: ours\n').replace('mem_gb: 1', 'mem_gb: 16'),
  })
  expect(problems).toEqual([
    'manifests/a.yaml:1:1 POLICY_DENIED: target must be there',
    'manifests/a.yaml:3:14 POLICY_DENIED: vm.mem_gb must be <= 8',
    'batches/one.yaml:4:38 POLICY_DENIED: pipeline.convert.compress must be true',
    'profiles/ours.yaml:1:19 POLICY_DENIED: network_mapping.default_bridge must be "br0"',
  ])
})

test('a schema that is missing or wrong is told, and the others still hold', async () => {
  const problems = await denied({
    'h2k.yaml': `${head}policy: {schemas: [a.json, b.json, c.json]}\n`,
    'b.json': '{\n  "type": "objekt"\n}',
    'c.json': '{"required": ["target"]}',
    'manifests/a.yaml': bareMachine(),
  })
  expect(problems).toEqual([
    'h2k.yaml:3:20 FILE_UNREADABLE: a.json: the file cannot be read: ENOENT',
    expect.stringMatching(/^b\.json:2:3 VALUE_INVALID: no JSON Schema: /),
    'manifests/a.yaml:1:1 POLICY_DENIED: target must be there',
  ])
})
