import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createWorkspaceFiles } from '../../src/adapters/workspace/workspace-files.ts'
import { checkWorkspace } from '../../src/app/check-workspace.ts'
import { readAs } from '../../src/core/language/read-as.ts'
import { vmware2scwPlanSchema } from '../../src/core/language/vmware2scw.ts'
import { edits, expectTold, mutate, survives } from '../core/language/mutations.ts'
import { fuzzRuns } from '../support/fuzz-runs.ts'
import { makeWorkspace } from '../support/machines.ts'
import { everyKind } from './fuzzed-workspace.ts'
import { noCache, noSchemas, told } from './workspace-on-disk.ts'

const check = (root: string) => {
  return checkWorkspace({
    files: createWorkspaceFiles(root, resolve('.')),
    cache: noCache(),
    version: 'test',
    schemas: noSchemas,
  })
}

test('the files are right before anything is done to them', async () => {
  const { problems } = await check(makeWorkspace(everyKind))
  expect(told(problems).filter((line) => !line.includes('manifests/plan.yaml'))).toEqual([])
})

describe('whatever is done to one file of a workspace, all of it is checked', () => {
  test.each(Object.keys(everyKind))('%s', async (file) => {
    const root = makeWorkspace(everyKind)
    const path = join(root, file)
    const text = readFileSync(path, 'utf8')
    await fc.assert(
      fc.asyncProperty(edits, async (some) => {
        writeFileSync(path, mutate(text, some))
        expectTold((await check(root)).problems)
      }),
      { numRuns: fuzzRuns(40) },
    )
  })
})

test('a plan of vmware2scw is read or refused', () => {
  const text = everyKind['manifests/plan.yaml'] ?? ''
  fc.assert(
    fc.property(edits, (some) => {
      survives(() => readAs(vmware2scwPlanSchema, new TextEncoder().encode(mutate(text, some)), 'plan.yaml'))
    }),
    { numRuns: fuzzRuns(200) },
  )
})
