import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  appendFileSync,
  copyFileSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { localManifest, localWorkspace } from '../support/local-machines.ts'
import { h2k, start } from '../support/program.ts'

const rest = 'pipeline: {convert: {enabled: true}, validate: {enabled: true}}\n'
const manifest = localManifest(rest)

async function lost(...names: readonly string[]) {
  const folder = localWorkspace(Object.fromEntries(names.map((name) => [`manifests/${name}.yaml`, manifest])))
  expect((await h2k(folder, ['apply', '--auto-approve'])).exitCode).toBe(0)
  rmSync(join(folder, '.h2k'), { recursive: true })
  const run = (...args: string[]) => h2k(folder, args)
  const disk = (name: string) => join(folder, `output/${name}/boot.qcow2`)
  const inodes = () => names.map((name) => statSync(disk(name), { bigint: true }).ino)
  const nothingToDo = async () => {
    const plan = await run('plan', '--detailed-exitcode')
    expect(plan.exitCode, plan.stdout + plan.stderr).toBe(0)
  }
  return { folder, run, disk, inodes, nothingToDo }
}

const adopted = (stdout: string) => stdout.match(/is in the state now/g)?.length ?? 0

describe('a workspace whose state is lost', () => {
  test('comes back machine by machine, with nothing to do and nothing copied', async () => {
    const { run, inodes, nothingToDo, folder } = await lost('a', 'b')
    const before = inodes()
    const refused = await run('apply', '--auto-approve')
    expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining('h2k state import')])

    const looked = await run('state', 'import', 'machine.*')
    expect([looked.exitCode, looked.stdout]).toEqual([0, expect.stringContaining('Nothing was recorded')])
    expect(looked.stdout).toContain('  output/a/boot.qcow2\n  output/a/domain.xml\nAs git says.')
    expect((await run('state', 'list')).stdout).toContain('knows no machine')

    const ended = await run('state', 'import', 'machine.*', '--adopt')
    expect([ended.exitCode, adopted(ended.stdout)], ended.stderr).toEqual([0, 2])
    await nothingToDo()
    expect((await run('drift', '--deep', '--detailed-exitcode')).exitCode).toBe(0)
    expect(inodes()).toEqual(before)
    expect((await run('state', 'history')).stdout).toMatch(/machine\.a +imported/)
    expect((await run('state', 'import', 'machine.*', '--adopt')).exitCode).toBe(0)
    const again = await run('state', 'import', 'a', '--adopt')
    expect([again.exitCode, again.stderr]).toEqual([1, expect.stringContaining('the state knows it already')])

    // What git wants later is an update like any other, and what is h2k's own again goes with destroy.
    writeFileSync(join(folder, 'manifests/a.yaml'), manifest.replace('cpu: 1', 'cpu: 3'))
    const updated = await run('apply', '--auto-approve')
    expect([updated.exitCode, updated.stdout]).toEqual([0, expect.stringContaining('machine.a/convert: skipped')])
    expect((await run('destroy', '--auto-approve', 'a')).exitCode).toBe(0)
    expect(readdirSync(join(folder, 'output/a'))).toEqual([])
  })

  test('says what the next apply changes, which touches no disk', async () => {
    const { run, inodes, disk, folder, nothingToDo } = await lost('a')
    const before = inodes()
    appendFileSync(disk('a').replace('boot.qcow2', 'domain.xml'), '<!-- mine -->\n')
    const ended = await run('state', 'import', 'a', '--adopt')
    expect(ended.stdout).toContain('The next apply changes:\n  output/a/domain.xml is written anew')
    const plan = await run('plan')
    expect(plan.stdout).toMatch(/machine\.a will be updated/)
    expect(plan.stdout).not.toContain('convert')
    expect((await run('apply', '--auto-approve')).exitCode).toBe(0)
    expect(readFileSync(join(folder, 'output/a/domain.xml'), 'utf8')).not.toContain('mine')
    expect(inodes()).toEqual(before)
    await nothingToDo()
  })

  test('finds what a machine of another name made', async () => {
    const { run, folder, nothingToDo } = await lost('old')
    renameSync(join(folder, 'manifests/old.yaml'), join(folder, 'manifests/new.yaml'))
    const refused = await run('state', 'import', 'new')
    expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining('IMPORT_REFUSED')])
    expect((await run('state', 'import', 'new', '--made-as', 'old', '--adopt')).exitCode).toBe(0)
    await nothingToDo()
  })

  test('killed at any moment a machine is recorded whole or not at all', async () => {
    const { folder, run, nothingToDo } = await lost('a', 'b')
    for (let milliseconds = 200; milliseconds < 2000; milliseconds += 300) {
      const { child, ended } = start(folder, ['state', 'import', 'a', 'b', '--adopt'])
      await pause(milliseconds)
      child.kill('SIGKILL')
      await ended
      const { machines } = (await run('state', 'list', '--json')).data<{
        machines: { address: string; standing: string }[]
      }>()
      for (const { standing } of machines) expect(standing).toBe('publish done')
      for (const { address } of machines) await run('state', 'rm', address)
    }
    rmSync(join(folder, '.h2k'), { recursive: true, force: true })
    expect((await run('state', 'import', 'a', 'b', '--adopt')).exitCode).toBe(0)
    await nothingToDo()
  })
})

describe('what is no result of a machine', () => {
  test('is refused with the reason, and others are imported', async () => {
    const { run, disk, folder } = await lost('ok', 'gone', 'size', 'format', 'text')
    rmSync(disk('gone'))
    execFileSync('qemu-img', ['resize', '-q', disk('size'), '+1M'])
    rmSync(disk('format'))
    execFileSync('qemu-img', ['create', '-q', '-f', 'vmdk', disk('format'), '4M'])
    writeFileSync(disk('text'), 'no image at all\n')
    const ended = await run('state', 'import', '*', '--adopt')
    expect([ended.exitCode, adopted(ended.stdout)]).toEqual([3, 1])
    expect(ended.stderr).toMatch(/machine\.gone.*IMPORT_REFUSED: disk boot: \S+ is not there/)
    expect(ended.stderr).toMatch(/machine\.size.*IMPORT_REFUSED: .* bytes for its guest, and git wants/)
    expect(ended.stderr).toMatch(/machine\.format.*IMAGE_/)
    expect(ended.stderr).toMatch(/machine\.text.*IMAGE_/)
    expect((await run('state', 'list')).stdout).toMatch(/^machine\.ok .*\n$/)
    rmSync(join(folder, 'manifests/ok.yaml'))
    const unknown = await run('state', 'import', 'nobody', '--adopt')
    expect([unknown.exitCode, unknown.stderr]).toEqual([1, expect.stringContaining('ADDRESS_UNKNOWN')])
  })

  test('is refused where its source is not what git says', async () => {
    const { run, folder } = await lost('a')
    const path = join(folder, 'manifests/a.yaml')
    const withChecksum = (sum: string) =>
      writeFileSync(path, manifest.replace('../disk.vmdk}', `../disk.vmdk, checksum: "sha256:${sum}"}`))
    withChecksum('0'.repeat(64))
    const refused = await run('state', 'import', 'a', '--adopt')
    expect([refused.exitCode, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/disk\.vmdk is not what its manifest says/),
    ])
    const source = readFileSync(join(folder, 'disk.vmdk'))
    withChecksum(createHash('sha256').update(source).digest('hex'))
    expect((await run('state', 'import', 'a', '--adopt')).exitCode).toBe(0)
    expect((await run('state', 'show', 'a')).stdout).toContain('digest checked, sha256:')
    expect((await run('plan', '--detailed-exitcode')).exitCode).toBe(0)
  })

  test('is refused where a link gives it another name: what is another machine’s, and its own source', async () => {
    const { run, disk, folder } = await lost('a')
    const only = (text: string) => writeFileSync(join(folder, 'manifests/b.yaml'), text)
    symlinkSync('a', join(folder, 'output/link'))
    only(`${manifest}output: {directory: ../output/link}\n`)
    for (const adopt of [[], ['--adopt']]) {
      const ended = await run('state', 'import', '*', ...adopt)
      expect([ended.exitCode, ended.stderr]).toEqual([
        adopt.length > 0 ? 3 : 1,
        expect.stringContaining('output/link/boot.qcow2 belongs to machine.a'),
      ])
    }
    expect((await run('state', 'history')).stdout).toMatch(/state import .*exit 3/)

    const source = join(folder, 'own.qcow2')
    copyFileSync(disk('a'), source)
    symlinkSync('own.qcow2', join(folder, 'link.qcow2'))
    for (const target of ['own', 'link']) {
      const own = `source_format: qcow2, target_path: ../${target}.qcow2`
      only(manifest.replace('source_format: vmdk', own).replace('../disk.vmdk', '../own.qcow2'))
      const ended = await run('state', 'import', 'b', '--adopt')
      expect([ended.exitCode, ended.stderr]).toEqual([
        1,
        expect.stringContaining(`${target}.qcow2 is a source of machine.b`),
      ])
    }
    expect((await run('state', 'list')).stdout).toMatch(/^machine\.a .*\n$/)
  })

  test('is doubted where its source was written to since, and refused as cut over where nothing can be', async () => {
    const { run, folder } = await lost('a')
    expect((await run('state', 'import', 'a')).stdout).not.toContain('was written to after')
    const later = new Date(Date.now() + 60_000)
    utimesSync(join(folder, 'disk.vmdk'), later, later)
    expect((await run('state', 'import', 'a')).stdout).toContain('disk.vmdk was written to after output/a/boot.qcow2')
    const cut = await run('state', 'import', 'a', '--adopt', '--cut-over')
    expect([cut.exitCode, cut.stderr]).toEqual([1, expect.stringContaining('only a machine in libvirt is cut over')])
    const nameless = await run('state', 'import', 'a', '--made-as', '')
    expect([nameless.exitCode, nameless.stderr]).toEqual([1, expect.stringContaining('--made-as wants the name')])
  })
})
