import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findTool } from '../../../src/adapters/exec/find-tool.ts'
import { temporaryFolder } from '../../support/machines.ts'

test('a folder of PATH that cannot be looked into is passed over', () => {
  const loop = join(temporaryFolder(), 'loop')
  symlinkSync(loop, loop)
  expect(findTool('sh', `${loop}:/etc/passwd:/bin`)).toBe('/bin/sh')
  expect(findTool('sh', loop)).toBeUndefined()
})

test('a folder is no tool', () => {
  expect(findTool('etc', '/')).toBeUndefined()
  expect(findTool('/etc')).toBeUndefined()
})
