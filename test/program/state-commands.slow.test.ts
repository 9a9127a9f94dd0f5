import { appendFileSync, existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { localManifest, localWorkspace } from '../support/local-machines.ts'
import { h2k } from '../support/program.ts'

const manifest = localManifest('pipeline: {convert: {enabled: true}}\n')

async function applied(...names: readonly string[]): Promise<string> {
  const folder = localWorkspace(Object.fromEntries(names.map((name) => [`manifests/${name}.yaml`, manifest])))
  expect((await h2k(folder, ['apply', '--auto-approve'])).exitCode).toBe(0)
  return folder
}

describe('h2k state mv', () => {
  test('a machine that is renamed in git is not copied again, and what keeps its name is told', async () => {
    const folder = await applied('web01')
    const disk = join(folder, 'output/web01/boot.qcow2')
    const before = statSync(disk, { bigint: true }).mtimeNs
    const unnamed = await h2k(folder, ['state', 'mv', 'web1', 'shop01'])
    expect([unnamed.exitCode, unnamed.stderr]).toEqual([1, expect.stringContaining('did you mean machine.web01?')])

    renameSync(join(folder, 'manifests/web01.yaml'), join(folder, 'manifests/shop01.yaml'))
    const moved = await h2k(folder, ['state', 'mv', 'machine.web01', 'machine.shop01'])
    expect(moved.exitCode, moved.stderr).toBe(0)
    expect(moved.stdout).toContain('These keep their names:\n  output/web01/boot.qcow2\n  output/web01/domain.xml\n')
    expect(moved.stdout).toContain('h2k apply copies nothing again.')
    expect((await h2k(folder, ['plan', '--detailed-exitcode'])).exitCode).toBe(0)
    expect((await h2k(folder, ['state', 'show', 'shop01'])).stdout).toContain('made as machine.web01')
    // What git says in so many words goes before the name of before.
    appendFileSync(join(folder, 'manifests/shop01.yaml'), 'output: {directory: ../output/web01}\n')
    expect((await h2k(folder, ['plan', '--detailed-exitcode'])).exitCode).toBe(0)
    expect(statSync(disk, { bigint: true }).mtimeNs).toBe(before)
    const history = (await h2k(folder, ['state', 'history'])).stdout
    expect(history).toMatch(/machine\.shop01 +renamed .*was machine\.web01/)
    expect(history).toMatch(/^run \S+: state mv by \S+@\S+, .* commit none, exit 0$/m)
  })

  test('the name of before is taken until what was made by it is gone', async () => {
    const folder = await applied('web01')
    const manifestOf = (name: string) => join(folder, `manifests/${name}.yaml`)
    renameSync(manifestOf('web01'), manifestOf('shop01'))
    await h2k(folder, ['state', 'mv', 'web01', 'shop01'])
    writeFileSync(manifestOf('web01'), `${manifest}output: {directory: ../output/other}\n`)
    const other = await h2k(folder, ['plan'])
    expect(other.stdout + other.stderr).toContain('what was made as machine.web01 is used by machine.shop01 too')
    rmSync(manifestOf('shop01'))
    expect((await h2k(folder, ['destroy', '--auto-approve', 'machine.shop01'])).exitCode).toBe(0)
    const free = await h2k(folder, ['apply', '--auto-approve'])
    expect(free.exitCode, free.stdout + free.stderr).toBe(0)
    expect(existsSync(join(folder, 'output/other/boot.qcow2'))).toBe(true)
  })

  test('before git does it keeps on_remove: destroy from taking the machine for one that left git', async () => {
    const folder = await applied('web01')
    const path = join(folder, 'manifests/web01.yaml')
    writeFileSync(path, `${manifest}on_remove: destroy\n`)
    expect((await h2k(folder, ['apply', '--auto-approve'])).exitCode).toBe(0)
    await h2k(folder, ['state', 'mv', 'web01', 'shop01'])
    const early = await h2k(folder, ['apply', '--auto-approve'])
    expect([early.exitCode, early.stderr]).toEqual([1, expect.stringContaining('git still calls it machine.web01')])
    expect(existsSync(join(folder, 'output/web01/boot.qcow2'))).toBe(true)
    renameSync(path, join(folder, 'manifests/shop01.yaml'))
    expect((await h2k(folder, ['plan', '--detailed-exitcode'])).exitCode).toBe(0)
  })

  test('there and back again leaves everything as it was', async () => {
    const folder = await applied('a')
    for (const names of [
      ['a', 'b'],
      ['b', 'c'],
      ['c', 'a'],
    ] as const) {
      renameSync(join(folder, `manifests/${names[0]}.yaml`), join(folder, `manifests/${names[1]}.yaml`))
      expect((await h2k(folder, ['state', 'mv', ...names])).exitCode).toBe(0)
      expect((await h2k(folder, ['plan', '--detailed-exitcode'])).exitCode).toBe(0)
    }
    expect((await h2k(folder, ['state', 'show', 'a'])).stdout).not.toContain('made as')
    // What worked on machines, and not what the state was told.
    expect((await h2k(folder, ['report'])).stdout).toMatch(/h2k apply /)
  })

  test('refuses a name that is taken', async () => {
    const folder = await applied('a', 'b')
    const { exitCode, stderr } = await h2k(folder, ['state', 'mv', 'a', 'b'])
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining('NAME_DUPLICATE')])
  })
})

test('h2k state rm takes a machine out, says what stays, and can be taken back by its backup', async () => {
  const folder = await applied('a', 'b')
  const { stdout, exitCode } = await h2k(folder, ['state', 'rm', 'machine.a'])
  expect(exitCode).toBe(0)
  expect(stdout).toContain('machine.a is no longer in the state.\nThese stay,')
  expect(existsSync(join(folder, 'output/a/boot.qcow2'))).toBe(true)
  expect((await h2k(folder, ['state', 'list'])).stdout).toMatch(/^machine\.b .*\n$/)
  const plan = await h2k(folder, ['plan', '--only', 'a'])
  expect(plan.stdout).toContain('OUTPUT_NOT_OURS')
  const backup = /is in (\S+)\.$/m.exec(stdout)?.[1] ?? ''
  const older = await h2k(folder, ['state', 'push', backup])
  expect([older.exitCode, older.stderr]).toEqual([
    1,
    expect.stringMatching(/STATE_DIFFERS: .* has serial \d+, the state is at \d+ already/),
  ])
  expect((await h2k(folder, ['state', 'push', '--force', backup])).exitCode).toBe(0)
  expect((await h2k(folder, ['plan', '--detailed-exitcode'])).exitCode).toBe(0)
})

describe('h2k state pull and push', () => {
  test('carry a state to another checkout, where it goes on', async () => {
    const folder = await applied('a')
    const pulled = await h2k(folder, ['state', 'pull', 'pulled.db'])
    expect(pulled.stdout).toMatch(/lineage \S+, serial \d+\.\n$/)
    const other = localWorkspace({ 'manifests/a.yaml': manifest })
    expect((await h2k(other, ['state', 'push', join(folder, 'pulled.db')])).exitCode).toBe(0)
    expect((await h2k(other, ['state', 'list'])).stdout).toContain('machine.a  publish done')
    expect((await h2k(other, ['state', 'history'])).stdout).toMatch(/^run \S+: state push by /m)
    // Back again: it was changed last by the push.
    expect((await h2k(other, ['state', 'pull', 'back.db'])).exitCode).toBe(0)
    expect((await h2k(folder, ['state', 'push', join(other, 'back.db')])).exitCode).toBe(0)
  })

  test('refuse what is another state, no state, or in use', async () => {
    const folder = await applied('a')
    const other = await applied('b')
    await h2k(other, ['state', 'pull', 'pulled.db'])
    const file = join(other, 'pulled.db')
    const differs = await h2k(folder, ['state', 'push', file])
    expect([differs.exitCode, differs.stderr]).toEqual([1, expect.stringContaining('their lineages differ')])
    writeFileSync(join(folder, 'text.db'), 'no database')
    const text = await h2k(folder, ['state', 'push', 'text.db'])
    expect([text.exitCode, text.stderr]).toEqual([1, expect.stringContaining('STATE_CORRUPT')])
    const none = await h2k(folder, ['state', 'push', 'none.db'])
    expect([none.exitCode, none.stderr]).toEqual([1, expect.stringContaining('there is no such file')])
    expect((await h2k(folder, ['state', 'list'])).stdout).toContain('machine.a  publish done')
  })
})
