import { expect, test } from 'vitest'
import { comparableMachine } from '../../src/core/comparable-machine.ts'
import { diffJson } from '../../src/core/diff.ts'
import { local, machineOf } from './machines.ts'

const secrets = (canary: string) => `${local}configuration:
  users: {create: [{name: deploy, password: "$6$salt$${canary}"}]}
  cloud_init: {token: ${canary}}
hooks:
  post_publish: [{type: script, path: ./notify, env: {TOKEN: ${canary}}}]
`

test('what may be secret is a fingerprint, and that it changed is told', () => {
  const [was, is] = ['canary-one', 'canary-two'].map((canary) => comparableMachine(machineOf(secrets(canary))))
  expect(JSON.stringify([was, is])).not.toContain('canary')
  expect(diffJson(was, is).map(({ path }) => path)).toEqual(['hooks.post_publish.0', 'repair.configuration'])
})
