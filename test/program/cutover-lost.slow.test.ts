import { type AddressInfo, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { atOnce, movingDomains } from '../support/moving-domains.ts'
import { start } from '../support/program.ts'

const { old, next, applied, stateOf, startsWithHost } = movingDomains()

test('a source that cannot be looked at any more takes back no target that works', async () => {
  const server = createServer()
  await new Promise<void>((settle) => void server.listen(0, '127.0.0.1', settle))
  const { port } = server.address() as AddressInfo
  await new Promise((settle) => server.close(settle))
  const verify = `verify: {tcp: "127.0.0.1:${port}", timeout_seconds: 120}`
  const { folder, address, deeds } = await applied('alone', `${atOnce}, ${verify}`)
  const running = start(folder, ['cutover', address, '--auto-approve'])
  await expect.poll(() => stateOf(next, 'alone'), { timeout: 60_000 }).toBe('running')
  old.kill()
  try {
    server.listen(port, '127.0.0.1')
    const ended = await running.ended
    expect([ended.exitCode, ended.stdout]).toEqual([0, expect.stringContaining('whether its source is still off')])
    expect(stateOf(next, 'alone')).toBe('running')
  } finally {
    server.close()
    old.start()
  }
  expect((await deeds())[0]).toMatchObject({ stage: 'cutover', status: 'done' })
})

test('a target that is gone keeps a source off only until somebody vouches for it', async () => {
  const { address, run, cutover, rollback, deeds } = await applied('vanished', atOnce)
  expect((await cutover()).exitCode).toBe(0)
  next.virsh('destroy', 'vanished')
  next.virsh('undefine', 'vanished')
  const refused = await run('rollback', address, '--auto-approve')
  expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringMatching(/vanished .* is not there any more/)])
  expect(stateOf(old, 'vanished')).toBe('shut off')
  const back = await rollback()
  expect(back.exitCode, back.stdout + back.stderr).toBe(0)
  expect(stateOf(old, 'vanished')).toBe('running')
  expect(startsWithHost('vanished')).toBe(true)
  expect((await deeds()).at(-1)?.output).toMatchObject({ off: 'was gone', source: 'started' })
})
