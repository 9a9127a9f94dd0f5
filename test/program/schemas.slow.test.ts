import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { schemaNames } from '../../src/core/language/schema-names.ts'
import { makeOva, temporaryFolder } from '../support/machines.ts'
import { h2k } from '../support/program.ts'

/** The schema that a file names for the editor, as an editor finds it. */
function schemaOf(file: string): object {
  const [, name] =
    /^# yaml-language-server: \$schema=(\S+)$/m.exec(readFileSync(file, 'utf8').split('\n')[0] ?? '') ?? []
  expect(name, file).toBeDefined()
  return JSON.parse(readFileSync(resolve(dirname(file), name ?? ''), 'utf8'))
}

test('what init and import write names its schema in the first line, and fits it', async () => {
  const folder = temporaryFolder()
  makeOva(folder, 'web01', [{ mib: 4 }])
  expect((await h2k(folder, ['init', 'exit'])).exitCode).toBe(0)
  const workspace = join(folder, 'exit')
  expect((await h2k(workspace, ['import', '../web01.ova'])).exitCode).toBe(0)
  for (const name of ['h2k.yaml', 'manifests/web01.yaml']) {
    const file = join(workspace, name)
    const fits = new Ajv2020({ strict: false, validateFormats: false }).compile(schemaOf(file))
    expect(fits(parse(readFileSync(file, 'utf8'))), `${name}: ${JSON.stringify(fits.errors)}`).toBe(true)
    expect(fits({ incldue: 1 })).toBe(false)
  }
})

test.each(schemaNames)('h2k schema %s prints a JSON Schema', async (name) => {
  const { exitCode, stdout } = await h2k('.', ['schema', name])
  expect(exitCode).toBe(0)
  const schema = JSON.parse(stdout)
  expect(schema.title).toBe(`h2k ${name}`)
  expect(new Ajv2020({ strict: false }).validateSchema(schema)).toBe(true)
})
