import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { localManifest, localWorkspace } from '../support/local-machines.ts'
import { h2k } from '../support/program.ts'

test('what a kill left of a finished machine is removed once somebody said yes, and nothing of others', async () => {
  const folder = localWorkspace({ 'manifests/a.yaml': localManifest(), 'manifests/b.yaml': localManifest() })
  const apply = (...args: string[]) => h2k(folder, ['apply', ...args])
  expect((await apply('--auto-approve')).exitCode).toBe(0)
  const overlay = (name: string) => join(folder, `.h2k/work/guests/${name}/boot.qcow2`)
  const db = new Database(join(folder, '.h2k/state.db'))
  const insert = db.prepare(
    `INSERT INTO artifacts (path, machine, stage, status, fingerprint) VALUES (?, ?, 'fix', 'intended', '')`,
  )
  const [{ path }] = db.prepare(`SELECT path FROM artifacts WHERE path LIKE '%output/a/boot.qcow2'`).all() as [
    { path: string },
  ]
  for (const name of ['a', 'b']) {
    mkdirSync(dirname(overlay(name)), { recursive: true })
    writeFileSync(overlay(name), 'left')
    insert.run(path.replace('output/a/boot.qcow2', `.h2k/work/guests/${name}/boot.qcow2`), name)
  }
  db.close()
  // b is not finished: git wants something of it.
  writeFileSync(join(folder, 'manifests/b.yaml'), localManifest().replace('cpu: 1', 'cpu: 2'))
  expect((await apply()).exitCode).toBe(7)
  expect([existsSync(overlay('a')), existsSync(overlay('b'))]).toEqual([true, true])
  expect((await apply('--auto-approve', '--only', 'a')).exitCode).toBe(0)
  expect([existsSync(overlay('a')), existsSync(overlay('b'))]).toEqual([false, true])
  expect((await apply('--auto-approve')).exitCode).toBe(0)
  expect(existsSync(overlay('b'))).toBe(false)
})
