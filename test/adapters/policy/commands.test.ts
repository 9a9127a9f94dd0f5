import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createRunner } from '../../../src/adapters/exec/runner.ts'
import { createPolicyCommands } from '../../../src/adapters/policy/commands.ts'
import { temporaryFolder } from '../../support/machines.ts'

const signal = new AbortController().signal
const commands = createPolicyCommands(createRunner())

function script(body: string): string {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'policy.sh'), `#!/bin/sh\n${body}\n`)
  chmodSync(join(folder, 'policy.sh'), 0o755)
  return folder
}

test('a policy reads the plan, gets its arguments literally, and nothing of the environment', async () => {
  process.env.CANARY_OF_POLICY = 'secret'
  const folder = script('echo "$1"; pwd; env | grep -c CANARY; cat; exit 1')
  const run = ['./policy.sh', '$(id); `id`']
  const { exitCode, stdout } = await commands.ask({ run, folder, timeoutSeconds: 20 }, '{"plan": 1}', signal)
  delete process.env.CANARY_OF_POLICY
  expect(stdout.split('\n')).toEqual(['$(id); `id`', folder, '0', '{"plan": 1}'])
  expect(exitCode).toBe(1)
})

test('one that reads nothing of a large plan is no failure', async () => {
  const folder = script('exit 0')
  const answer = await commands.ask({ run: ['./policy.sh'], folder, timeoutSeconds: 20 }, 'x'.repeat(5e6), signal)
  expect(answer.exitCode).toBe(0)
})

test('one that never ends, prints without end, or is not there is told', async () => {
  const ask = (body: string, timeoutSeconds: number) =>
    commands.ask({ run: ['./policy.sh'], folder: script(body), timeoutSeconds }, '', signal)
  await expect(ask('sleep 60', 1)).rejects.toMatchObject({ problems: [{ code: 'TOOL_TIMEOUT' }] })
  await expect(ask('yes', 20)).rejects.toMatchObject({ problems: [{ code: 'TOOL_FAILED' }] })
  const missing = { run: ['./not-there'], folder: temporaryFolder(), timeoutSeconds: 1 }
  await expect(commands.ask(missing, '', signal)).rejects.toMatchObject({ problems: [{ code: 'TOOL_MISSING' }] })
})
