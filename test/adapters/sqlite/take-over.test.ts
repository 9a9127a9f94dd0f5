import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { doneWith, intent, problemFrom } from '../../contract/state-world.ts'
import { stateFolder } from './state-folder.ts'

const run = (id: string) => ({
  id,
  command: 'apply',
  who: 'ann@kvm1',
  version: '0.1.0',
  startedAt: '2026-03-01T10:00:00.000Z',
})
const ended = { finishedAt: '2026-03-01T10:00:01.000Z', exitCode: 0 }

/** A state in which so many runs each did a stage of a machine of their own. */
async function stateOf(...names: readonly string[]) {
  const place = stateFolder()
  const store = place.open({ mode: 'create' })
  for (const name of names) {
    const writer = store.begin(run(name), [name])
    await writer.started(intent(name, 'export'))
    await writer.done(doneWith(name, 'export'))
    await writer.end(ended)
  }
  const copy = join(place.folder, 'copy.db')
  await store.backup(copy)
  return { ...place, store, other: { path: copy, lineage: store.lineage, serial: store.serial() } }
}

test('takes over everything of the other state, as one more change of its own', async () => {
  const { store, other } = await stateOf('a', 'b')
  const writer = store.begin(run('c'), ['a'])
  await writer.drop('a', '2026-03-01T11:00:00.000Z')
  await writer.end(ended)
  const before = store.serial()
  expect((await problemFrom(() => store.takeOver(other, run('push'), false))).code).toBe('STATE_DIFFERS')
  expect([...store.machines().keys()]).toEqual(['b'])
  store.takeOver(other, run('push'), true)
  expect([...store.machines().keys()]).toEqual(['a', 'b'])
  expect(store.serial()).toBeGreaterThan(before)
  expect(store.runs(1)[0]).toMatchObject({ id: 'push', exitCode: 0 })
  // A fencing token is never given out twice.
  expect(store.begin(run('d'), ['a']).token).toBeGreaterThan(writer.token)
})

test('leaves a state alone that somebody works with, also when forced', async () => {
  const { store, other } = await stateOf('a')
  const writer = store.begin(run('busy'), ['a'])
  expect((await problemFrom(() => store.takeOver(other, run('push'), true))).code).toBe('LOCKED')
  await writer.started(intent('a', 'convert'))
  expect(store.machine('a')?.stages.get('convert')?.status).toBe('started')
})

test('of the copies that are kept before a change the newest twenty stay', async () => {
  const { store, backups } = await stateOf('a')
  const writer = store.begin(run('many'), ['a'])
  const serials: number[] = []
  for (let attempt = 1; attempt <= 23; attempt++) {
    await writer.started(intent('a', 'convert', { attempt }))
    store.keep()
    serials.push(store.serial())
  }
  const newest = serials.slice(-20).map((serial) => `serial-${serial}.db`)
  expect(readdirSync(backups).toSorted()).toEqual(newest.toSorted())
})
