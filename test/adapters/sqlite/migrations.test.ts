import { cpSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { connect } from '../../../src/adapters/sqlite/connect.ts'
import { readMigrations, schemaOf } from '../../../src/adapters/sqlite/migrations.ts'
import { pass, problemFrom } from '../../contract/state-world.ts'
import { runStart, shippedMigrations, stateFolder } from './state-folder.ts'

/** A state of today and a folder of migrations to which the test adds tomorrow's. */
async function olderState() {
  const place = stateFolder()
  const store = place.open()
  const writer = store.begin(runStart('run-1'), ['web01'])
  await pass(writer, 'web01', 'export')
  await writer.end({ finishedAt: '2026-03-01T10:05:00.000Z', exitCode: 0 })
  const serial = store.serial()
  store.close()
  const migrations = join(place.folder, 'migrations')
  cpSync(shippedMigrations, migrations, { recursive: true })
  const next = readMigrations(migrations).length + 1
  const add = (sql: string, number = next, end = 'sql') =>
    writeFileSync(join(migrations, `${String(number).padStart(3, '0')}-next.${end}`), sql)
  const schema = () => {
    const db = connect(place.path)
    const names = db.prepare<[], string>('SELECT name FROM sqlite_schema').pluck().all()
    const found = { schema: schemaOf(db), hasRooms: names.includes('rooms') }
    db.close()
    return found
  }
  return { ...place, migrations, next, add, schema, serial }
}

test('a migration runs once, after a backup of what was before', async () => {
  const { open, migrations, next, add, schema, backups, serial } = await olderState()
  add('CREATE TABLE rooms (name TEXT); INSERT INTO rooms VALUES (1)')
  expect(open({ migrations }).machines().size).toBe(1)
  open({ migrations }).close()
  expect(schema()).toEqual({ schema: next, hasRooms: true })
  expect(readdirSync(backups)).toEqual([`schema-${next - 1}-serial-${serial}.db`])
  const backup = join(backups, readdirSync(backups)[0] ?? '')
  expect(statSync(backup).mode & 0o777).toBe(0o600)
  expect(open({ path: backup, mode: 'read' }).machines().size).toBe(1)
})

test('a new state is made without backups', async () => {
  const { backups, open } = stateFolder()
  open()
  expect(() => readdirSync(backups)).toThrow('ENOENT')
})

test('one that fails in the middle leaves the schema before it, whole', async () => {
  const { open, migrations, next, add, schema } = await olderState()
  add('CREATE TABLE rooms (name TEXT); DROP TABLE history; INSERT INTO nowhere VALUES (1)')
  for (const _ of ['once', 'and again']) expect(() => open({ migrations })).toThrow('nowhere')
  expect(schema()).toEqual({ schema: next - 1, hasRooms: false })
  expect(open().history({ limit: 9 })).toHaveLength(1)
  add('CREATE TABLE rooms (name TEXT)')
  open({ migrations }).close()
  expect(schema()).toEqual({ schema: next, hasRooms: true })
})

test('who only reads sees the new schema and leaves the old one in the file', async () => {
  const { open, migrations, next, add, schema, backups } = await olderState()
  add('ALTER TABLE machines RENAME TO computers; CREATE VIEW machines AS SELECT * FROM computers')
  expect([...open({ migrations, mode: 'read' }).machines().keys()]).toEqual(['web01'])
  expect(schema().schema).toBe(next - 1)
  expect(() => readdirSync(backups)).toThrow('ENOENT')
})

test('a newer schema than this h2k knows is refused', async () => {
  const { path, open } = await olderState()
  const db = connect(path)
  db.pragma('user_version = 99')
  db.close()
  for (const mode of ['read', 'write'] as const) {
    expect(await problemFrom(() => open({ mode }))).toMatchObject({
      code: 'STATE_NEWER',
      detail: expect.stringContaining('number 99'),
    })
  }
})

test('other databases have their own files, and a gap in the numbers is refused', async () => {
  const { migrations, next, add } = await olderState()
  add('SELECT 1', next, 'postgres.sql')
  mkdirSync(join(migrations, 'old'))
  expect(readMigrations(migrations)).toHaveLength(next - 1)
  add('SELECT 1', next + 1, 'sqlite.sql')
  expect(() => readMigrations(migrations)).toThrow(`the migrations before it are ${next - 1}`)
})
