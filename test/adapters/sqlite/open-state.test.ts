import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { connect, makeDurable, requireSqlite } from '../../../src/adapters/sqlite/connect.ts'
import { createState } from '../../../src/adapters/sqlite/create-state.ts'
import { readMigrations } from '../../../src/adapters/sqlite/migrations.ts'
import { pass, problemFrom } from '../../contract/state-world.ts'
import { runStart, type StateFolder, shippedMigrations, stateFolder } from './state-folder.ts'

const finish = { finishedAt: '2026-03-01T10:05:00.000Z', exitCode: 0 }

/** A closed state with 40 machines in it. */
async function filledState(): Promise<StateFolder> {
  const place = stateFolder()
  const store = place.open()
  const machines = Array.from({ length: 40 }, (_, index) => `web${index}`)
  const writer = store.begin(runStart('run-1'), machines)
  await Promise.all(machines.map((machine) => pass(writer, machine, 'export')))
  await writer.end(finish)
  store.close()
  return place
}

describe('a new state', () => {
  test('is for its owner only, and so is what SQLite keeps beside it', async () => {
    const { path, open } = stateFolder()
    const store = open()
    store.begin(runStart('run-1'), ['web01'])
    const modes = readdirSync(dirname(path)).map((name) => [name, statSync(join(dirname(path), name)).mode & 0o777])
    expect(Object.fromEntries(modes)).toEqual({ 'state.db': 0o600, 'state.db-shm': 0o600, 'state.db-wal': 0o600 })
    expect(statSync(dirname(path)).mode & 0o777).toBe(0o700)
  })

  test('is made by two at once as one', () => {
    const { path, open } = stateFolder()
    const { lineage } = open()
    // What the slower of two does, which looked when there was none.
    createState(path, readMigrations(shippedMigrations))
    expect(open().lineage).toBe(lineage)
    expect(readdirSync(dirname(path)).filter((name) => name.endsWith('.part'))).toEqual([])
  })

  test('is not made by who only reads or does not ask for one', async () => {
    const { path, open } = stateFolder()
    const empty = open({ mode: 'read' })
    expect([empty.lineage, empty.serial(), empty.machines().size]).toEqual(['', 0, 0])
    expect(await problemFrom(() => empty.begin(runStart('run-1'), []))).toMatchObject({ code: 'STATE_UNWRITABLE' })
    expect(await problemFrom(() => open({ mode: 'write' }))).toMatchObject({ code: 'STATE_LOST', hint: 'h2k apply' })
    expect(existsSync(path)).toBe(false)
  })

  test('lets its old copy be put back with any mode', async () => {
    const { path, open } = await filledState()
    chmodSync(path, 0o644)
    open({ mode: 'write' })
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })
})

describe('a missing state', () => {
  test('is lost where there are backups, and the hint brings the newest back', async () => {
    const { path, backups, open } = await filledState()
    mkdirSync(backups)
    const store = open({ mode: 'write' })
    await store.backup(join(backups, 'friday.db'))
    store.close()
    rmSync(path)
    for (const mode of ['read', 'write', 'create'] as const) {
      const lost = await problemFrom(() => open({ mode }))
      expect(lost).toMatchObject({
        code: 'STATE_LOST',
        hint: expect.stringContaining(`cp ${backups}/friday.db ${path}`),
      })
    }
    expect(existsSync(path)).toBe(false)
  })

  test('is lost where something is there that only an apply can have made', async () => {
    const { path, open } = stateFolder()
    const lost = await problemFrom(() => open({ leftovers: () => ['output/web01', 'output/db01'] }))
    expect(lost).toMatchObject({ code: 'STATE_LOST', detail: 'it left output/web01, output/db01' })
    mkdirSync(dirname(path))
    writeFileSync(`${path}-wal`, 'something')
    expect(await problemFrom(() => open())).toMatchObject({ code: 'STATE_LOST', detail: `it left ${path}-wal` })
  })
})

describe('a damaged state', () => {
  const damages: readonly (readonly [string, (path: string) => void])[] = [
    ['emptied', (path) => truncateSync(path, 0)],
    ...[10, 50, 1000, 4096, 40_960].map(
      (bytes) => [`cut to ${bytes} bytes`, (path: string) => truncateSync(path, bytes)] as const,
    ),
    ['without its last page', (path) => truncateSync(path, statSync(path).size - 4096)],
    ['of text', (path) => writeFileSync(path, 'machines: []\n'.repeat(1000))],
    ['overwritten in the middle', (path) => writeFileSync(path, readFileSync(path).fill(0xa5, 8192, 16_384))],
  ]
  test.each(damages)('%s is refused, with a command that works', async (_, damage) => {
    const { path, backups, open } = await filledState()
    const store = open({ mode: 'write' })
    mkdirSync(backups)
    await store.backup(join(backups, 'friday.db'))
    store.close()
    damage(path)
    let hint = ''
    for (const mode of ['read', 'write', 'create'] as const) {
      const broken = await problemFrom(() => open({ mode }))
      expect(broken.code, broken.detail).toBe('STATE_CORRUPT')
      expect(broken.hint).toBe(`rm -f ${path} ${path}-wal ${path}-shm && cp ${backups}/friday.db ${path}`)
      hint = broken.hint ?? ''
    }
    execFileSync('sh', ['-c', hint])
    expect(open({ mode: 'write' }).machines().size).toBe(40)
  })

  test('without any backup names the way to begin anew', async () => {
    const { path, open } = await filledState()
    truncateSync(path, 0)
    expect((await problemFrom(() => open())).hint).toContain(`if nothing was ever applied: rm -f ${path}`)
  })

  test('that is no file is refused', async () => {
    const { path, open } = stateFolder()
    mkdirSync(path, { recursive: true })
    expect(await problemFrom(() => open())).toMatchObject({ code: 'STATE_CORRUPT' })
  })

  test('of another program is left as it is', async () => {
    const { path, open } = stateFolder()
    mkdirSync(dirname(path))
    new Database(path).exec('CREATE TABLE theirs (it TEXT)').close()
    const before = readFileSync(path)
    const foreign = await problemFrom(() => open())
    expect(foreign).toMatchObject({ code: 'STATE_CORRUPT', detail: expect.stringContaining('another program') })
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  test('with text where JSON belongs names the place', async () => {
    const { path, open } = await filledState()
    const db = connect(path)
    db.prepare(`UPDATE stages SET output = '{"cut' WHERE machine = 'web7'`).run()
    db.close()
    const broken = await problemFrom(() => open().machines())
    expect(broken).toMatchObject({
      code: 'STATE_CORRUPT',
      detail: expect.stringContaining('output of machine.web7/export'),
    })
  })
})

describe('a backup', () => {
  test('is a whole state, private, with what is still in the log', async () => {
    const { folder, open } = stateFolder()
    const store = open()
    const writer = store.begin(runStart('run-1'), ['web01'])
    await pass(writer, 'web01', 'export')
    const copy = join(folder, 'copy.db')
    await store.backup(copy)
    expect(statSync(copy).mode & 0o777).toBe(0o600)
    const opened = open({ path: copy, mode: 'read' })
    expect([opened.lineage, opened.serial(), opened.machines()]).toEqual([
      store.lineage,
      store.serial(),
      store.machines(),
    ])
  })

  test('never replaces a file, and needs its folder', async () => {
    const { folder, path, open } = await filledState()
    const store = open({ mode: 'write' })
    expect(await problemFrom(() => store.backup(path))).toMatchObject({ code: 'OUTPUT_NOT_OURS' })
    const missing = await problemFrom(() => store.backup(join(folder, 'no such', 'copy.db')))
    expect(missing).toMatchObject({ code: 'STATE_UNWRITABLE', hint: `mkdir -p '${folder}/no such'` })
  })
})

describe('the connection', () => {
  test('brings each commit to the disk', async () => {
    const { path } = await filledState()
    const db = connect(path)
    makeDurable(db)
    const settings = ['journal_mode', 'synchronous', 'foreign_keys', 'busy_timeout']
    expect(settings.map((name) => db.pragma(name, { simple: true }))).toEqual(['wal', 2, 1, 5000])
    db.close()
  })

  test.each(['3.51.2', '3.50.9', '2.99.99', '3.51'])('refuses SQLite %s', (version) => {
    expect(() => requireSqlite(version)).toThrow(/SQLite 3.51.3 or newer is needed/)
  })

  test.each(['3.51.3', '3.51.10', '3.52', '4.0.0'])('takes SQLite %s', (version) => requireSqlite(version))
})
