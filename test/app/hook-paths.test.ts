import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { createWorkspaceFiles } from '../../src/adapters/workspace/workspace-files.ts'
import { pathsOf } from '../../src/app/subjects.ts'
import { resolveMachine } from '../../src/core/resolve-machine.ts'
import { bareMachine, loaded } from './workspace-on-disk.ts'

const script = (path: string) => `[{type: script, path: ${path}}]`

test('what a hook names is relative to the file that says the hook', async () => {
  const { machines, root } = await loaded({
    'profiles/ours.yaml': `hooks: {pre_convert: ${script('checks/a.sh')}, post_convert: ${script('checks/b.sh')}}\n`,
    'batches/first.yaml': `batch_version: "1.0"
vms: [{manifest: ../manifests/a.yaml, overrides: {hooks: {on_failure: ${script('d.sh')}}}}]
shared_config: {profile: ours, hooks: {pre_publish: ${script('c.sh')}}}
`,
    'manifests/a.yaml': bareMachine(`hooks: {post_convert: ${script('../checks/e.sh')}}\n`),
  })
  const [desired] = machines
  if (!desired) throw new Error('no machine')
  const paths = pathsOf(desired, createWorkspaceFiles(root, resolve('.')))
  const resolved = resolveMachine(desired, { provider: 'local' }, undefined, { h2k_version: 1, name: 'x' }, paths)
  if ('issues' in resolved) throw new Error(JSON.stringify(resolved.issues))
  const named = Object.values(resolved.machine.hooks).map(
    ([hook]) => hook && 'path' in hook && [hook.path, hook.folder],
  )
  expect(named).toEqual(
    [
      ['profiles/checks/a.sh', 'profiles'],
      ['checks/e.sh', 'manifests'],
      ['batches/c.sh', 'batches'],
      ['batches/d.sh', 'batches'],
    ].map((pair) => pair.map((path) => resolve(root, path))),
  )
})

test('hooks around the cutover of a machine that is only files are told as not applied, and still checked', async () => {
  const { machines, all, root } = await loaded({
    'manifests/a.yaml': bareMachine('hooks: {pre_cutover: [{type: script, path: a.sh, args: ["{{ machin }}"]}]}\n'),
    'manifests/b.yaml': bareMachine(`hooks: {post_cutover: ${script('a.sh')}}\n`),
  })
  expect(all.map(({ code, at }) => `${code} ${at?.file}`)).toEqual(['TEMPLATE_INVALID manifests/a.yaml'])
  const desired = machines.find(({ name }) => name === 'b')
  if (!desired) throw new Error('no machine')
  const paths = pathsOf(desired, createWorkspaceFiles(root, resolve('.')))
  const resolved = resolveMachine(desired, { provider: 'local' }, undefined, { h2k_version: 1, name: 'x' }, paths)
  expect('machine' in resolved && resolved.machine.notApplied).toEqual([
    'hooks.post_cutover (only a machine in libvirt is cut over)',
  ])
})
