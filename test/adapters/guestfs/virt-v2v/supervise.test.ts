import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { runningWith } from '../../../support/running.ts'

const child = fileURLToPath(new URL('../../../support/supervised.child.ts', import.meta.url))

test('all that a supervised tool started ends with a killed h2k', async () => {
  const seconds = `600.${process.pid}`
  const script = `for i in {1..200}; do sleep ${seconds} & done; echo started; wait`
  const h2k = spawn(process.execPath, [child, script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [said] = await once(h2k.stdout, 'data')
  expect(String(said)).toBe('started\n')
  // A shell says that it has started them before each has become its program.
  await expect.poll(() => runningWith(seconds), { timeout: 15_000 }).toHaveLength(200)
  h2k.kill('SIGKILL')
  await expect.poll(() => runningWith(seconds), { timeout: 15_000 }).toEqual([])
}, 30_000)
