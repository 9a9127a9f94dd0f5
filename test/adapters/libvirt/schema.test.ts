import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { findTool } from '../../../src/adapters/exec/find-tool.ts'
import { createRunner } from '../../../src/adapters/exec/runner.ts'
import { domainSchema } from '../../../src/adapters/libvirt/schema.ts'
import type { Command, Runner } from '../../../src/ports/runner.ts'
import { temporaryFolder } from '../../support/machines.ts'

const never = new AbortController().signal
const fits = 'it fits libvirt’s schema'

/** Real tools, whose starts are counted. */
const commands: Command[] = []
const real = createRunner()
const runner: Runner = {
  ...real,
  run(command, signal) {
    commands.push(command)
    return real.run(command, signal)
  },
}
const starts = (name: string) => commands.filter(({ file }) => file === name).length
beforeEach(() => void commands.splice(0))

const right = (name: string) =>
  `<domain type='kvm'><name>${name}</name><memory>4096</memory><os><type>hvm</type></os></domain>`
const wrong = (name: string) => right(name).replace('</domain>', '<colour>blue</colour></domain>')

function write(path: string, xml: string): string {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, xml)
  return path
}

/** Files of so many machines, one of which may be wrong. */
function machines(count: number, theWrongOne?: number): readonly string[] {
  const folder = temporaryFolder()
  return Array.from({ length: count }, (_, at) => {
    const name = `web${at}`
    return write(join(folder, name, 'domain.xml'), at === theWrongOne ? wrong(name) : right(name))
  })
}

/** A folder that stands before all others on PATH, with these scripts. */
function toolsFirst(scripts: Readonly<Record<string, string>>): void {
  const folder = temporaryFolder()
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(folder, name), 0o755)
  }
  usePath(`${folder}:${process.env.PATH}`)
}

function usePath(path: string): void {
  const { PATH: before } = process.env
  process.env.PATH = path
  onTestFinished(() => {
    process.env.PATH = before
  })
}

const check = (paths: readonly string[], signal = never) => {
  const look = domainSchema(runner, findTool)
  return Promise.all(paths.map((path) => look(path, signal)))
}

describe('domains by libvirt’s schema', () => {
  test('many are looked at without a start of the tool', async () => {
    const findings = await check(machines(50))
    expect(findings.map(({ severity, evidence }) => `${severity}: ${evidence}`)).toEqual(
      Array(50).fill(`info: ${fits}`),
    )
    expect(starts('virt-xml-validate')).toBe(0)
  })

  test('the wrong one among them is told as if it were alone, and no other', async () => {
    const paths = machines(50, 31)
    const together = await check(paths)
    const path = paths[31] ?? ''
    expect(together.filter(({ severity }) => severity !== 'info').map(({ subject }) => subject)).toEqual([path])
    expect(together[31]).toEqual((await check([path]))[0])
    expect(starts('virt-xml-validate')).toBe(2)
    expect(together[31]).toMatchObject({
      severity: 'error',
      evidence: expect.stringMatching(
        /web31\/domain\.xml:1: element .*fails to validate|web31\/domain\.xml:1: element/,
      ),
    })
  })

  test('folders are looked into whatever their names are', async () => {
    const folder = temporaryFolder()
    const names = ['a b', 'é', '100%41', '$(touch x)', 'it\'s "quoted"', 'a#b?c', 'two\nlines', '-', '--relaxng']
    const paths = names.flatMap((name) => [
      write(join(folder, name, 'domain.xml'), right('web1')),
      write(join(folder, name, 'wrong.xml'), wrong('web2')),
    ])
    const found = (await check(paths)).map(({ severity, subject }) => [subject, severity])
    expect(found).toEqual(paths.map((path) => [path, path.endsWith('wrong.xml') ? 'error' : 'info']))
  })

  test('a file that is gone is not told to be right, and those beside it are looked at', async () => {
    const [first = '', second = ''] = machines(2)
    const [one, gone, two] = await check([first, `${first}.gone`, second])
    expect([one?.evidence, two?.evidence]).toEqual([fits, fits])
    expect(gone?.evidence).toMatch(/not looked at: virt-xml-validate failed with 2: .*does not exist/)
  })
})

describe('without what looks at many', () => {
  test('a schema that cannot be read leaves each to libvirt’s own tool', async () => {
    const folder = temporaryFolder()
    write(join(folder, 'share/libvirt/schemas/domain.rng'), '<grammar>')
    const tool = write(join(folder, 'bin/virt-xml-validate'), `#!/bin/sh\nexec ${findTool('virt-xml-validate')} "$@"\n`)
    chmodSync(tool, 0o755)
    usePath(`${dirname(tool)}:${process.env.PATH}`)
    const findings = await check(machines(4, 2))
    expect(findings.map(({ severity }) => severity)).toEqual(['info', 'info', 'error', 'info'])
    expect(starts('virt-xml-validate')).toBe(4)
  })

  test('a tool of libvirt without its schemas beside it is asked itself', async () => {
    toolsFirst({ 'virt-xml-validate': `exit 0` })
    const findings = await check(machines(3))
    expect(findings.map(({ evidence }) => evidence)).toEqual([fits, fits, fits])
    expect(starts('virt-xml-validate')).toBe(3)
  })

  test('without xmllint nobody says what is wrong with one', async () => {
    const folder = temporaryFolder()
    for (const tool of ['virt-xml-validate', 'sh', 'setpriv']) symlinkSync(findTool(tool) ?? '', join(folder, tool))
    usePath(folder)
    const [first, second] = await check(machines(2, 1))
    expect(first?.evidence).toBe(fits)
    expect(second?.severity).toBe('info')
    expect(second?.evidence).toMatch(/not looked at: virt-xml-validate failed with 127: .*xmllint/)
  })

  test('without libvirt’s tool nobody looked', async () => {
    usePath(temporaryFolder())
    const [finding] = await check(machines(1))
    expect(finding?.evidence).toBe('not looked at: virt-xml-validate is not installed (libvirt-clients)')
  })

  test('a run that is stopped says so', async () => {
    const stop = new AbortController()
    const checked = check(machines(20), stop.signal)
    stop.abort(new Error('stopped'))
    await expect(checked).rejects.toThrow('stopped')
  })
})
