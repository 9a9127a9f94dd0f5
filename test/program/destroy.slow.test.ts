import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { localManifest, localWorkspace } from '../support/local-machines.ts'
import { h2k } from '../support/program.ts'

interface Planned {
  readonly counts: Readonly<Record<string, number>>
  readonly machines: readonly {
    readonly action: string
    readonly on_remove?: object
    readonly removals?: readonly { readonly path: string; readonly standing: string }[]
  }[]
}

const apply = (folder: string, env = {}) => h2k(folder, ['apply', '--auto-approve'], env)
const plan = async (folder: string) => (await h2k(folder, ['plan', '--json'])).data<Planned>()

async function applied(rest: string) {
  const folder = localWorkspace({ 'manifests/a.yaml': localManifest(rest), 'manifests/b.yaml': localManifest() })
  const ended = await apply(folder)
  expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
  return { folder, made: () => readdirSync(join(folder, 'output/a')), manifest: join(folder, 'manifests/a.yaml') }
}

describe('a machine with on_remove: destroy', () => {
  test('is destroyed with its manifest: each file is a line of the plan, and nothing else goes', async () => {
    const { folder, manifest, made } = await applied('on_remove: destroy\n')
    writeFileSync(join(folder, 'output/a/notes.txt'), 'mine')
    rmSync(manifest)
    const { stdout } = await h2k(folder, ['plan'])
    expect(stdout).toContain('- machine.a will be destroyed')
    expect(stdout).toMatch(
      /- destroy {2}output\/a\/domain\.xml \([0-9.]+ KiB, as made\)\n.*- destroy {2}output\/a\/boot\.qcow2 \(/,
    )
    expect(stdout).toContain('0 to resume, 1 to destroy, 1 unchanged.')
    expect(stdout).toContain('Removes 2 artifacts, ')
    const source = readFileSync(join(folder, 'disk.vmdk'))
    const ended = await h2k(folder, ['apply', '--auto-approve', '--json'])
    expect(ended.exitCode, ended.stdout).toBe(0)
    expect(ended.data()).toMatchObject({ destroyed: ['a'], failed: [] })
    expect(ended.events().filter(({ type }) => type === 'artifact_removed')).toHaveLength(2)
    expect(made()).toEqual(['notes.txt'])
    expect(readFileSync(join(folder, 'disk.vmdk'))).toEqual(source)
    expect(readdirSync(join(folder, 'output/b'))).toEqual(['boot.qcow2', 'domain.xml'])
    expect((await h2k(folder, ['plan', '--detailed-exitcode'])).exitCode).toBe(0)
    expect((await h2k(folder, ['state', 'history'])).stdout).toContain('destroyed: 2 artifacts removed')
  })

  test('that asks for it only later is an update that copies nothing, and counts', async () => {
    const { folder, manifest, made } = await applied('')
    writeFileSync(manifest, localManifest('on_remove: destroy\n'))
    expect((await plan(folder)).machines).toMatchObject([
      { action: 'update', stages: [], on_remove: { from: 'forget', to: 'destroy' } },
    ])
    expect((await h2k(folder, ['plan'])).stdout).toContain('~ on_remove  forget -> destroy')
    expect((await apply(folder)).exitCode).toBe(0)
    expect((await h2k(folder, ['plan', '--detailed-exitcode'])).exitCode).toBe(0)
    rmSync(manifest)
    expect((await apply(folder)).exitCode).toBe(0)
    expect(made()).toEqual([])
  })

  test('without it the machine is forgotten and its files stay', async () => {
    const { folder, manifest, made } = await applied('')
    rmSync(manifest)
    expect((await apply(folder)).exitCode).toBe(0)
    expect(made()).toEqual(['boot.qcow2', 'domain.xml'])
  })

  test('whose disk changed since is told, and left alone when it changes after the plan', async () => {
    const { folder, manifest, made } = await applied('on_remove: destroy\n')
    rmSync(manifest)
    appendFileSync(join(folder, 'output/a/boot.qcow2'), 'written by the guest')
    const saved = join(folder, 'review.h2kplan')
    const { stdout } = await h2k(folder, ['plan', '--out', saved])
    expect(stdout).toContain('changed since h2k made it)')
    expect(stdout).toContain('1 risk: a output/a/boot.qcow2 changed since h2k made it')
    appendFileSync(join(folder, 'output/a/boot.qcow2'), 'and again')
    const ended = await h2k(folder, ['apply', saved])
    expect(ended.exitCode).toBe(4)
    expect(ended.stderr).toContain('PLAN_STALE')
    expect(made()).toEqual(['boot.qcow2', 'domain.xml'])
    expect((await apply(folder)).exitCode).toBe(0)
    expect(made()).toEqual([])
  })

  test('is kept while another machine reads its disk, by whatever name', async () => {
    const { folder, manifest, made } = await applied('on_remove: destroy\n')
    rmSync(manifest)
    execFileSync('ln', ['-s', 'output/a/boot.qcow2', join(folder, 'golden.qcow2')])
    const reader = localManifest().replace('vmdk', 'qcow2').replace('../disk.vmdk', '../golden.qcow2')
    writeFileSync(join(folder, 'manifests/c.yaml'), reader)
    const ended = await apply(folder)
    expect(ended.exitCode).not.toBe(0)
    expect(ended.stderr).toContain('machine.a error DESTROY_REFUSED: output/a/boot.qcow2 is a source of machine.c')
    expect(made()).toEqual(['boot.qcow2', 'domain.xml'])
  })
})

describe('h2k destroy', () => {
  test('removes what it is told, also while git wants it, and a next apply makes it again', async () => {
    const { folder, made } = await applied('')
    const unapproved = await h2k(folder, ['destroy', 'machine.a'])
    expect(unapproved.exitCode).toBe(7)
    expect(unapproved.stderr).toContain('APPROVAL_MISSING')
    expect(made()).toHaveLength(2)
    const ended = await h2k(folder, ['destroy', 'machine.a', '--auto-approve'])
    expect(ended.exitCode, ended.stderr).toBe(0)
    expect(ended.stdout).toContain('Apply: 0 done, 1 destroyed, 0 unchanged.')
    expect(made()).toEqual([])
    expect((await plan(folder)).counts).toMatchObject({ create: 1, noop: 1 })
    expect((await apply(folder)).exitCode).toBe(0)
    expect(made()).toEqual(['boot.qcow2', 'domain.xml'])
  })

  test('wants an address that exists', async () => {
    const { folder } = await applied('')
    expect((await h2k(folder, ['destroy'])).exitCode).toBe(1)
    const ended = await h2k(folder, ['destroy', 'machine.nobody', '--auto-approve'])
    expect([ended.exitCode, ended.stderr.includes('ADDRESS_UNKNOWN')]).toEqual([1, true])
  })

  test.each(['before-intent', 'after-effect', 'after-done'])('killed at %s goes on', async (point) => {
    const { folder, made } = await applied('')
    const command = ['destroy', 'machine.a', '--auto-approve']
    const killed = await h2k(folder, command, { H2K_FAILPOINT: `destroy:${point}:kill` })
    expect(killed.signal, killed.stdout).toBe('SIGKILL')
    const ended = await h2k(folder, command)
    expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
    expect(made()).toEqual([])
    expect(existsSync(join(folder, 'disk.vmdk'))).toBe(true)
    expect((await plan(folder)).counts).toMatchObject({ create: 1, noop: 1 })
  })

  test('removes what a copy that was killed left', async () => {
    const folder = localWorkspace({ 'manifests/a.yaml': localManifest() })
    const killed = await apply(folder, { H2K_FAILPOINT: 'convert:in-effect:kill' })
    expect(killed.signal).toBe('SIGKILL')
    const part = join(folder, 'output/a/.boot.qcow2.h2k-part')
    execFileSync('sh', ['-c', `mkdir -p "$0" && : > "$1"`, join(folder, 'output/a'), part])
    expect((await apply(folder, { H2K_FAILPOINT: 'convert:after-effect:kill' })).signal).toBe('SIGKILL')
    writeFileSync(part, 'half')
    expect((await h2k(folder, ['destroy', 'machine.a', '--auto-approve'])).exitCode).toBe(0)
    expect(readdirSync(join(folder, 'output/a'))).toEqual([])
  })
})
