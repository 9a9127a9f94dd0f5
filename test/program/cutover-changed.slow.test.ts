import { expect, test } from 'vitest'
import { atOnce, movingDomains, write } from '../support/moving-domains.ts'

const { applied } = movingDomains()

test('a cutover that was stopped goes on with what git said when it began, and with nothing else', async () => {
  const { image, run, cutover, rewrite, rollback, both, same } = await applied('grown', atOnce)
  write(image, 'while it ran')
  const kill = async (point: string) => {
    const killed = await cutover({ H2K_FAILPOINT: `${point}:kill` })
    expect(killed.signal, killed.stdout + killed.stderr).toBe('SIGKILL')
    expect(both()).toEqual(['shut off', 'shut off'])
  }
  const refuse = async (keys: string) => {
    const { exitCode, stderr } = await cutover()
    const changed = `CUTOVER_REFUSED: git says something else of it than when its cutover began at `
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining(changed)])
    expect(stderr).toMatch(new RegExp(`began at [^ ]+: ${keys}\n`))
    expect(both()).toEqual(['shut off', 'shut off'])
  }
  const snapshot = 'libvirt_integration: {create_snapshot: true}\n'
  await kill('convert:after-effect')
  rewrite(atOnce, snapshot)
  await refuse('target')
  // Where one stage is done and the next has not begun, nothing looks as if it was stopped.
  rewrite(atOnce)
  await kill('validate:before-intent')
  rewrite(atOnce, `hooks: {pre_publish: [{type: http, url: "http://127.0.0.1:9/"}]}\n${snapshot}`)
  await refuse('hooks, target')
  // What somebody applied meanwhile is another machine than the one that its cutover began with.
  rewrite(atOnce, snapshot)
  expect((await run('apply', '--auto-approve')).exitCode).toBe(0)
  await refuse('target')

  // How it is cut over may change.
  rewrite(`${atOnce}, verify: {timeout_seconds: 30}`)
  const ended = await cutover()
  expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
  expect(both()).toEqual(['shut off', 'running'])
  expect(same()).toBe(true)
  expect((await run('plan', '--detailed-exitcode')).exitCode).toBe(0)
  expect((await rollback()).exitCode).toBe(0)
  // Anew, with what is in git by now.
  rewrite(atOnce, snapshot)
  expect((await run('apply', '--auto-approve')).exitCode).toBe(0)
  expect((await cutover()).exitCode).toBe(0)
})
