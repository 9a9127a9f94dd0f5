import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../../src/core/json.ts'
import { problemsOf } from '../../../src/core/problem.ts'
import { portable } from '../../../src/core/relocate.ts'
import { hookWorld } from './hook-world.ts'

const world = hookWorld()
const identity = (definition: object) => canonicalJson(world.identity(definition))

const definitions = [
  { file: 'a.sh', definition: { type: 'script', path: 'a.sh' } },
  { file: 'a.mjs', definition: { type: 'node', path: 'a.mjs' } },
  { file: 'pkg/mod.py', definition: { type: 'python', module: 'pkg.mod', function: 'f' } },
  {
    file: 'lib/pkg2/__init__.py',
    definition: { type: 'python', module: 'pkg2', function: 'f', pythonpath: ['no', 'lib'] },
  },
]

describe.for(definitions)('a hook of $file', ({ file, definition }) => {
  it('is another one when the file changes, and the same when it changes back', () => {
    world.file(file, 'one')
    const before = identity(definition)
    world.file(file, 'two')
    expect(identity(definition)).not.toBe(before)
    world.file(file, 'one')
    expect(identity(definition)).toBe(before)
  })

  it('is the same in another checkout of the workspace', () => {
    world.file(file, 'one')
    expect(canonicalJson(portable(world.identity(definition), world.folder))).not.toContain(world.folder)
  })

  it('is missing without it', () => {
    rmSync(join(world.folder, file))
    const code = () => {
      try {
        return identity(definition)
      } catch (error) {
        return problemsOf(error)?.map((problem) => problem.code)
      }
    }
    expect(code()).toEqual(['HOOK_MISSING'])
  })
})

describe('a hook', () => {
  const http = { type: 'http', url: 'https://a/{{ os }}' }

  it.each([{ url: 'https://b/' }, { body: { a: 1 } }, { headers: { a: 'b' } }, { when: 'os' }, { method: 'PUT' }])(
    'is another one with %o',
    (change) => expect(identity({ ...http, ...change })).not.toBe(identity(http)),
  )

  it.each([{ timeout: 5 }, { continue_on_error: true }, { retry: { max_retries: 3 } }])(
    'is the same with %o',
    (change) => expect(identity({ ...http, ...change })).toBe(identity(http)),
  )

  it('is the same whatever a secret is', () => {
    expect(identity({ ...http, url: { env: 'HOOK_URL' } })).toContain('"url":{"env":"HOOK_URL"}')
  })
})
