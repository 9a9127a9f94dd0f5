import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { stageNames } from '../../src/core/stage-names.ts'
import { makeOva, makeWorkspace, ovaManifest, temporaryFolder } from '../support/machines.ts'
import { h2k } from '../support/program.ts'

// Those that look into the guest need one: guest.slow.test.ts.
const graph = stageNames.filter((stage) => stage !== 'inspect' && stage !== 'fix')
const points = ['before-intent', 'after-intent', 'in-effect', 'after-effect', 'after-done'] as const

interface History {
  readonly entries: readonly { readonly stage: string; readonly event: string; readonly attempt: number }[]
}

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

describe('a run that is killed', () => {
  let ova: string
  let expected: readonly string[]

  // One disk goes elsewhere: publishing moves it.
  const placed = 'storage_mapping: {disk_mappings: {vmdisk2: ../vms}}\n'
  const workspace = () => {
    const booted = 'validate: {enabled: true, boot_test: {enabled: true, expect: up}}'
    return makeWorkspace({
      'manifests/web01.yaml': ovaManifest(ova, placed).replace('validate: {enabled: true}', booted),
    })
  }
  const results = (folder: string) => {
    expect(readdirSync(join(folder, 'output/web01')).toSorted()).toEqual(['domain.xml', 'vmdisk1.qcow2'])
    return ['output/web01/vmdisk1.qcow2', 'vms/web01-vmdisk2.qcow2', 'output/web01/domain.xml'].map((name) =>
      sha256(join(folder, name)),
    )
  }

  beforeAll(async () => {
    ova = makeOva(await keptFolder(), 'web01', [{ mib: 64, says: 'up' }, { mib: 16 }]).path
  })

  test('ends like this when it is not killed', async () => {
    const folder = workspace()
    const ended = await h2k(folder, ['apply', '--auto-approve'])
    expect(ended.exitCode, ended.stderr).toBe(0)
    expected = results(folder).map((digest, index) => (index === 2 ? '' : digest))
  })

  for (const stage of graph) {
    for (const point of points) {
      test(`at ${stage}:${point} goes on, and repeats nothing that was done`, async () => {
        const folder = workspace()
        const killed = await h2k(folder, ['apply', '--auto-approve'], { H2K_FAILPOINT: `${stage}:${point}:kill` })
        expect(killed.signal, killed.stdout + killed.stderr).toBe('SIGKILL')
        const before = (await h2k(folder, ['state', 'history', '--json'])).data<History>().entries

        const resumed = await h2k(folder, ['apply', '--auto-approve'])
        expect(resumed.exitCode, resumed.stdout + resumed.stderr).toBe(0)
        expect(results(folder).map((digest, index) => (index === 2 ? '' : digest))).toEqual(expected)

        const after = (await h2k(folder, ['state', 'history', '--json'])).data<History>().entries
        const done = after.filter(({ event }) => event === 'done').map((entry) => entry.stage)
        expect(done.toSorted()).toEqual([...graph].toSorted())
        const doneBefore = before.filter(({ event }) => event === 'done').map((entry) => entry.stage)
        const reached = graph.indexOf(stage) + (point === 'after-done' ? 1 : 0)
        expect(doneBefore.toSorted()).toEqual(graph.slice(0, reached).toSorted())

        const again = await h2k(folder, ['plan', '--detailed-exitcode'])
        expect(again.exitCode, again.stdout).toBe(0)
      })
    }
  }
})

// Shared by all tests of this file, so not tied to one of them.
async function keptFolder(): Promise<string> {
  const { mkdtempSync } = await import('node:fs')
  const { tmpdir } = await import('node:os')
  return mkdtempSync(join(tmpdir(), 'h2k-crash-'))
}
void temporaryFolder
