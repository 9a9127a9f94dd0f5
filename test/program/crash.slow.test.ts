import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stageNames } from '../../src/core/stage-names.ts'
import { makeOva, makeWorkspace, ovaManifest } from '../support/machines.ts'
import { h2k } from '../support/program.ts'

// Those that look into the guest need one: guest.slow.test.ts.
const stages = stageNames.filter((stage) => stage !== 'inspect' && stage !== 'fix')
const points = ['before-intent', 'after-intent', 'in-effect', 'after-effect', 'after-done'] as const

interface History {
  readonly entries: readonly { readonly stage: string; readonly event: string; readonly attempt: number }[]
}

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

describe('a run that is killed', () => {
  const kept = mkdtempSync(join(tmpdir(), 'h2k-crash-'))
  let ova: string
  let expected: readonly string[]

  // One disk goes elsewhere: publishing moves it.
  const placed = 'storage_mapping: {disk_mappings: {vmdisk2: ../vms}}\n'
  const booted = 'validate: {enabled: true, boot_test: {enabled: true, expect: up}}'
  const workspace = (boots: boolean) => {
    const manifest = ovaManifest(ova, placed)
    return makeWorkspace({
      'manifests/web01.yaml': boots ? manifest.replace('validate: {enabled: true}', booted) : manifest,
    })
  }
  const results = (folder: string) => {
    expect(readdirSync(join(folder, 'output/web01')).toSorted()).toEqual(['domain.xml', 'vmdisk1.qcow2'])
    return ['output/web01/vmdisk1.qcow2', 'vms/web01-vmdisk2.qcow2', 'output/web01/domain.xml'].map((name) =>
      sha256(join(folder, name)),
    )
  }

  beforeAll(() => {
    ova = makeOva(kept, 'web01', [{ mib: 64, says: 'up' }, { mib: 16 }]).path
  })

  afterAll(() => rmSync(kept, { recursive: true }))

  test('ends like this when it is not killed', async () => {
    const folder = workspace(true)
    const ended = await h2k(folder, ['apply', '--auto-approve'])
    expect(ended.exitCode, ended.stderr).toBe(0)
    expected = results(folder).map((digest, index) => (index === 2 ? '' : digest))
  })

  for (const stage of stages) {
    // A boot takes seconds, and nothing before it depends on it.
    const boots = stage === 'boot_test'
    const graph = stages.filter((name) => boots || name !== 'boot_test')
    for (const point of points) {
      test(`at ${stage}:${point} goes on, and repeats nothing that was done`, async () => {
        const folder = workspace(boots)
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
