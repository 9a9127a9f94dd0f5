import { copyFileSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { identities, version } from '../../../src/adapters/files/identity.ts'
import { temporaryFolder } from '../../support/machines.ts'

test.each<[string, (path: string, other: string) => void]>([
  ['is written over', (path) => writeFileSync(path, 'two')],
  ['is copied over', (path, other) => copyFileSync(other, path)],
  ['is replaced', (path, other) => renameSync(other, path)],
])('a file that %s has another version, however much it looks like before', (_how, change) => {
  const folder = temporaryFolder()
  const [path, other] = [join(folder, 'disk.vmdk'), join(folder, 'other.vmdk')]
  writeFileSync(path, 'one')
  writeFileSync(other, 'two')
  const { atime, mtime } = statSync(path)
  utimesSync(path, atime, mtime)
  const [before, versionBefore] = [identities([path]), version(path)]
  change(path, other)
  utimesSync(path, atime, mtime)
  expect(identities([path])).toEqual(before)
  expect(version(path)).not.toBe(versionBefore)
})
