import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { socketFolder } from '../../../src/adapters/boot/socket-folder.ts'
import { temporaryFolder } from '../../support/machines.ts'

test('what a run left that was killed goes with the next trial, and what is in use stays', async () => {
  const parent = temporaryFolder()
  const { pid: ended } = spawnSync('true')
  const names = [`h2k-boot-${ended}-abcdef`, `h2k-boot-${process.pid}-abcdef`, 'h2k-boot-mine', 'h2k-boot-1-abcdef']
  for (const name of names) mkdirSync(join(parent, name))
  writeFileSync(join(parent, names[0] ?? '', 'agent'), '')
  const made = await socketFolder(parent)
  expect(readdirSync(parent).toSorted()).toEqual([...names.slice(1), basename(made)].toSorted())
  expect(await socketFolder(parent)).not.toBe(made)
})
