import { expect, it } from 'vitest'
import { createRunner } from '../../../src/adapters/exec/runner.ts'
import { createHooks } from '../../../src/adapters/hooks/hooks.ts'
import { createClock } from '../../../src/adapters/host/clock.ts'
import { context, hookWorld } from './hook-world.ts'

/** A script that notes each attempt and fails until the given one. */
function worldWith(body: string, options: Parameters<typeof hookWorld>[0] = {}) {
  const world = hookWorld(options)
  world.file('hook.sh', `#!/bin/bash\n${body}\n`)
  return { ...world, run: (more: object, rest = {}) => world.run({ type: 'script', path: 'hook.sh', ...more }, rest) }
}

it.each([
  ['exponential', [2, 4, 8, 9]],
  ['linear', [2, 4, 6, 8]],
  ['constant', [2, 2, 2, 2]],
])('waits %s between attempts', async (strategy, delays) => {
  const world = worldWith('exit 1')
  const retry = { max_retries: 4, initial_delay: 2, max_delay: 9, strategy }
  expect(await world.run({ retry })).toMatchObject({ outcome: 'failed', attempts: 5 })
  expect(world.slept).toEqual(delays)
})

it('stops with the attempt that succeeds, and tells each attempt which one it is', async () => {
  const world = worldWith('echo "attempt $1"; [ "$1" = 3 ]')
  const { outcome, attempts, output, log } = await world.run({ args: ['{{ attempt }}'], retry: { max_retries: 5 } })
  expect([outcome, attempts, output]).toEqual(['succeeded', 3, 'attempt 3\n'])
  expect(log).toMatch(/^attempt 1\n\n\[h2k: hook "it": .* exit code 1; attempt 2 of 6 follows in 1 s\]\nattempt 2\n/)
})

it('does not try again without being told to', async () => {
  const world = worldWith('exit 1')
  expect(await world.run({})).toMatchObject({ outcome: 'failed', attempts: 1 })
  expect(world.slept).toEqual([])
})

it('cuts delays by chance where that is asked for', async () => {
  const world = worldWith('exit 1', { random: () => 0.5 })
  await world.run({ retry: { max_retries: 2, initial_delay: 4, strategy: 'constant', jitter: true } })
  expect(world.slept).toEqual([3, 3])
})

it('tries again after a time limit, unless it is told not to', async () => {
  const world = worldWith('sleep 600')
  const attempts = async (retry: object) =>
    (await world.run({ timeout: 0.2, retry: { max_retries: 1, ...retry } })).attempts
  expect(await attempts({})).toBe(2)
  expect(await attempts({ retry_on_timeout: false })).toBe(1)
})

it('ends while it waits when h2k is told to stop', async () => {
  const world = worldWith('exit 1')
  const abort = new AbortController()
  const running = world.run(
    { retry: { max_retries: 9 } },
    {
      signal: abort.signal,
      onLog: (text: string) => text.includes('follows in') && abort.abort('stop'),
    },
  )
  await expect(running).rejects.toBe('stop')
  expect(world.slept).toHaveLength(1)
})

it('waits by the host’s clock, and not on after an abort', async () => {
  const world = worldWith('exit 1')
  const hooks = createHooks({ runner: createRunner(), clock: createClock(), environment: {} })
  const abort = new AbortController()
  const hook = world.hook({
    type: 'script',
    path: 'hook.sh',
    retry: { max_retries: 1, initial_delay: 3600, max_delay: 3600 },
  })
  const log = (text: string) => {
    if (text.includes('follows in')) setImmediate(() => abort.abort('stop'))
  }
  await expect(hooks.run(hook, context, { signal: abort.signal, log })).rejects.toBe('stop')
})

it('is skipped where its condition does not hold', async () => {
  const world = worldWith('echo ran')
  expect(await world.run({ when: 'os == "windows"' })).toMatchObject({
    outcome: 'skipped',
    attempts: 0,
    output: '',
    log: '',
  })
  expect(await world.run({ when: 'os == "linux" and disks.size > 0' })).toMatchObject({ outcome: 'succeeded' })
})

it('fails by a condition that is none', async () => {
  const world = worldWith('echo ran')
  const { outcome, attempts, problem, log } = await world.run({ when: 'os == linux' })
  expect([outcome, attempts, problem?.code, log]).toEqual(['failed', 0, 'TEMPLATE_INVALID', ''])
  expect(problem?.summary).toBe('hook "it", when, line 1 column 7: unknown name "linux"')
})
