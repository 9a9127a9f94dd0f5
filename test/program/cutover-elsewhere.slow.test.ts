import { copyFileSync, utimesSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../support/machines.ts'
import { atOnce, movingDomains, write } from '../support/moving-domains.ts'

const port = 20_000 + (process.pid % 20_000)
const { old, next, applied } = movingDomains(port)

test('a source of another host is only switched off where its file is the one that is copied', async () => {
  const { image, run, cutover, both, same, rewrite } = await applied('far', atOnce)
  const folder = dirname(image)
  const refusal = async (why: RegExp) => {
    const { exitCode, stderr } = await cutover()
    expect([exitCode, stderr]).toEqual([1, expect.stringMatching(why)])
    expect(both()).toEqual(['running', 'shut off'])
  }
  await refusal(/CUTOVER_REFUSED: nothing tells whether .*far\.raw of the host of .* is the file of that name here/)
  expect((await run('plan')).stdout).toMatch(/cannot be cut over as it is: nothing tells whether/)

  // On that host another file lies under the same path.
  const others = temporaryFolder()
  const other = join(others, 'far.raw')
  copyFileSync(image, other)
  utimesSync(other, new Date(), new Date(Date.now() - 3_600_000))
  old.enter('mount', '--bind', others, folder)
  old.virsh('pool-create-as', 'h2k-source', 'dir', '--target', folder)
  write(image, 'what the other one does not have')
  await refusal(/CUTOVER_REFUSED: .*far\.raw of the host of .*: they are two files/)
  old.virsh('destroy', 'far')
  rewrite('source_action: none')
  expect((await run('apply', '--auto-approve')).exitCode).toBe(0)
  const left = await cutover()
  expect([left.exitCode, left.stderr]).toEqual([1, expect.stringContaining('they are two files')])
  old.enter('umount', folder)
  old.virsh('start', 'far')
  rewrite(atOnce)

  write(image, 'at last')
  const ended = await cutover()
  expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
  expect(both()).toEqual(['shut off', 'running'])
  next.virsh('destroy', 'far')
  expect(same()).toBe(true)
})
