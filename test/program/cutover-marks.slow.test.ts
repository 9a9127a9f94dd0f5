import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { virshWith } from '../support/libvirt.ts'
import { temporaryFolder } from '../support/machines.ts'
import { movingDomains } from '../support/moving-domains.ts'

const { old, next, applied, stateOf } = movingDomains()
const tagged = 'source_action: tag, shutdown_seconds: 0'
const renamed = 'source_action: rename, shutdown_seconds: 0'
const tagOf = (name: string) => /<h2k:migrated[^>]*>/.exec(old.xml(name))?.[0]
const another = (xml: string, name: string) =>
  xml.replace(/<uuid>.*<\/uuid>/, '').replace(/<name>.*<\/name>/, `<name>${name}</name>`)
const names = () => old.virsh('list', '--all', '--name').split('\n').filter(Boolean)

/** A machine whose source is off, and was copied like that. */
async function off(name: string, cutover: string) {
  const moving = await applied(name, 'source_action: power_off')
  old.virsh('destroy', name)
  old.virsh('autostart', '--disable', name)
  moving.rewrite(cutover)
  const ended = await moving.run('apply', '--auto-approve')
  expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
  return moving
}

test('a source gets a tag once its target works, and loses it when that is taken back', async () => {
  const { address, run, cutover, rollback, both, rewrite } = await off('tagged', tagged)
  const before = old.xml('tagged')
  expect((await run('cutover', address)).stdout).toContain('it gets a tag in its metadata once its target works')
  // A target that does not work leaves none.
  rewrite(`${tagged}, verify: {agent: true, timeout_seconds: 1}`)
  expect((await cutover()).exitCode).toBe(1)
  expect(old.xml('tagged')).toBe(before)

  rewrite(tagged)
  const killed = await cutover({ PATH: virshWith('--set=', { after: 'kill -9 $PPID; sleep 5' }) })
  expect(killed.signal, killed.stdout + killed.stderr).toBe('SIGKILL')
  const ended = await cutover()
  expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
  expect(both()).toEqual(['shut off', 'running'])
  expect(tagOf('tagged')).toMatch(/workspace=.test. machine=.tagged./)
  expect((await run('state', 'show', address)).stdout).toContain('the source tagged was tagged')
  expect((await run('drift', '--detailed-exitcode')).exitCode).toBe(0)
  expect((await run('plan', '--detailed-exitcode')).exitCode).toBe(0)
  next.virsh('destroy', 'tagged')
  expect((await run('destroy', address)).stdout).toMatch(
    /its source, the domain tagged of .*, keeps the tag that it got/,
  )

  const stopped = await rollback({ PATH: virshWith('--remove', { after: 'kill -9 $PPID; sleep 5' }) })
  expect(stopped.signal, stopped.stdout + stopped.stderr).toBe('SIGKILL')
  expect((await rollback()).exitCode).toBe(0)
  expect(both()).toEqual(['shut off', 'shut off'])
  // Where a tag was libvirt leaves the empty element around it.
  expect(old.xml('tagged').replace(/ *<metadata\/>\n/, '')).toBe(before)
})

test('a source is renamed once its target works, is told when that is no more so, and gets its name back', async () => {
  const { address, run, cutover, rollback, both, rewrite } = await off('web', renamed)
  const before = old.xml('web')
  expect((await run('plan')).exitCode).toBe(0)
  const refusal = async (why: string) => {
    const refused = await cutover()
    expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining(`CUTOVER_REFUSED: ${why}`)])
    expect(both()).toEqual(['shut off', 'shut off'])
  }
  old.virsh('snapshot-create-as', 'web', 'kept', '--disk-only', '--atomic')
  old.define(before)
  await refusal('the domain web has snapshots or checkpoints (kept), and libvirt does not rename it with them')
  old.virsh('snapshot-delete', 'web', 'kept', '--metadata')
  old.define(another(before, 'web-migrated'))
  await refusal('the domain web cannot be called web-migrated')
  old.virsh('undefine', 'web-migrated')

  expect((await run('cutover', address)).stdout).toContain('it is renamed to web-migrated once its target works')
  const killed = await cutover({ PATH: virshWith('domrename', { after: 'kill -9 $PPID; sleep 5' }) })
  expect(killed.signal, killed.stdout + killed.stderr).toBe('SIGKILL')
  expect([names(), stateOf(old, 'web-migrated')]).toEqual([expect.arrayContaining(['web-migrated']), 'shut off'])
  rewrite('source_action: none')
  expect((await cutover()).stderr).toContain('of which git says something else by now')
  rewrite(renamed)
  const ended = await cutover()
  expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
  expect((await run('state', 'show', address)).stdout).toContain('the source web was renamed to web-migrated')
  expect((await run('drift', '--detailed-exitcode')).exitCode).toBe(0)
  expect((await run('plan', '--detailed-exitcode')).exitCode).toBe(0)

  old.virsh('domrename', 'web-migrated', 'other')
  const drift = await run('drift', '--detailed-exitcode')
  expect([drift.exitCode, drift.stdout]).toEqual([2, expect.stringContaining('is not called web-migrated any more')])
  old.virsh('domrename', 'other', 'web-migrated')
  const stopped = await rollback({ PATH: virshWith('domrename', { after: 'kill -9 $PPID; sleep 5' }) })
  expect(stopped.signal, stopped.stdout + stopped.stderr).toBe('SIGKILL')
  const back = await rollback()
  expect(back.exitCode, back.stdout + back.stderr).toBe(0)
  expect(both()).toEqual(['shut off', 'shut off'])
  expect(old.xml('web')).toBe(before)
})

test('a target that works stays where its source cannot be marked, which is told', async () => {
  const { cutover, both, run } = await off('late', renamed)
  const other = join(temporaryFolder(), 'other.xml')
  writeFileSync(other, another(old.xml('late'), 'late-migrated'))
  const defines = { after: `virsh -q -c '${old.uri}' define ${other} >&2` }
  const ended = await cutover({ PATH: virshWith('start --domain=', defines) })
  expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
  expect(ended.stdout).toMatch(/warning .*its source, the domain late, has no mark: /)
  expect(both()).toEqual(['shut off', 'running'])
  expect((await run('drift', '--detailed-exitcode')).exitCode).toBe(0)
})
