import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { helpPage } from '../../src/cli/help-page.ts'
import { bareMachine } from '../app/workspace-on-disk.ts'
import { makeWorkspace, qemuImg, temporaryFolder } from '../support/machines.ts'
import { h2k } from '../support/program.ts'

describe('bad usage is told in one line with what to do, and exits 1', () => {
  test.each([
    ['plna', 'there is no command "plna"', 'did you mean "h2k plan"?'],
    ['state shwo', 'there is no command "state shwo"', 'did you mean "h2k state show"?'],
    ['plan web01', 'h2k plan takes no "web01"', 'h2k plan --help'],
    ['plan --ony web01', 'there is no flag --ony', 'did you mean --only?'],
    ['plan --only', '--only takes a value', 'h2k plan --help'],
    ['apply --parallel many', '--parallel: "many" is no whole number', 'h2k apply --help'],
    ['apply --parallel 0', '--parallel is at least 1', 'h2k apply --help'],
    ['validate --format xml', '--format: "xml" is none of text, json, sarif, github', 'h2k validate --help'],
    ['schema manifst', '"manifst" is none of workspace, manifest', 'h2k schema --help'],
    ['why', 'ADDRESS is missing', 'h2k why --help'],
    ['--frob', 'there is no flag --frob before a command', 'h2k --help'],
  ])('%s', async (words, summary, hint) => {
    const { exitCode, stdout, stderr } = await h2k('.', words.split(' '))
    expect([exitCode, stdout]).toEqual([1, ''])
    const [first, second, ...more] = stderr.trimEnd().split('\n')
    expect(first).toContain(`error USAGE: ${summary}`)
    expect([second, ...more]).toEqual([`  -> ${hint}`])
  })

  test.each([['plna --json'], ['--json plna'], ['plan --ony x --json'], ['--json plan --only']])(
    'as events only: %s',
    async (words) => {
      const ended = await h2k('.', words.split(' '))
      expect(ended.stderr).toBe('')
      expect(ended.events().map(({ type }) => type)).toEqual(['version', 'diagnostic', 'result'])
      expect(ended.events().at(-1)).toMatchObject({ exit_code: 1 })
    },
  )
})

test('the help of a command, written when h2k was built, is what it would be composed to now', async () => {
  const pages = readdirSync('dist/help').map((page) => page.replace('.txt', '').replace('-', ' '))
  expect(pages).toContain('state list')
  expect(pages.length).toBeGreaterThan(25)
  for (const command of ['plan', 'state list', 'apply']) {
    const words = [...command.split(' '), '--help']
    const [written, composed] = [await h2k('.', words), await h2k('.', words, { OCLIF_COLUMNS: '80' })]
    expect(written.stdout).toBe(composed.stdout)
    expect(written.exitCode).toBe(0)
  }
})

test('a written page is shown where it fits, in colour on terminals that have some', () => {
  vi.stubEnv('FORCE_COLOR', undefined)
  const words = ['plan', '--help']
  const bold = '\u001b[1mUSAGE'
  expect(helpPage(words, { columns: 100, hasColors: () => true })).toContain(bold)
  expect(helpPage(words, { columns: 80, hasColors: () => false })).toMatch(/^USAGE$/m)
  expect(helpPage(words, {})).toMatch(/^USAGE$/m)
  expect(helpPage(words, { columns: 79 })).toBeUndefined()
  for (const other of [['plan'], ['--help'], ['none', '--help'], ['../plan', '--help'], ['plan', '--json', '--help']]) {
    expect(helpPage(other, {})).toBeUndefined()
  }
  vi.unstubAllEnvs()
})

test('flags that every command has may stand before it', async () => {
  const folder = makeWorkspace({ 'manifests/a.yaml': bareMachine() })
  const { exitCode, events } = await h2k('/', ['--json', '--no-color', '-C', folder, 'validate'])
  expect(exitCode).toBe(0)
  expect(events().at(-1)).toMatchObject({ data: { machines: 1, errors: 0 } })
})

test('a workspace where no folder can be made is refused', async () => {
  const { exitCode, stderr } = await h2k(temporaryFolder(), ['init', '/proc/x/y'])
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/^error FILE_UNREADABLE: \/proc\/x cannot be made: /)
})

test('doctor says of each missing tool what it costs and how to install it, and exits 1 without a needed one', async () => {
  const { exitCode, stdout } = await h2k('.', ['doctor'], { PATH: '/nowhere' })
  expect(exitCode).toBe(1)
  expect(stdout).toContain(
    'MISSING  qemu-img: no disk can be converted (qemu-img is not on PATH)\n         -> apt-get install --no-install-recommends qemu-utils\n',
  )
  for (const tool of ['virsh', 'python3', 'setpriv', 'git']) {
    expect(stdout).toMatch(
      new RegExp(`^missing  ${tool}: .+\n {9}-> apt-get install --no-install-recommends \\S+$`, 'm'),
    )
  }
  expect(stdout).toMatch(/^(ok {7}libguestfs \d|missing {2}libguestfs: )/m)
})

test('a machine that the state does not know is no machine without a history or a lock', async () => {
  const folder = makeWorkspace({ 'manifests/web01.yaml': bareMachine().replace('disk.vmdk', '../disk.vmdk') })
  qemuImg('create', '-q', '-f', 'vmdk', join(folder, 'disk.vmdk'), '4M')
  expect((await h2k(folder, ['apply', '--auto-approve'])).exitCode).toBe(0)
  for (const command of ['history', 'unlock']) {
    expect((await h2k(folder, ['state', command, 'machine.web01'])).exitCode).toBe(0)
    const { exitCode, stderr } = await h2k(folder, ['state', command, 'machine.web10'])
    expect(exitCode).toBe(1)
    expect(stderr).toContain('ADDRESS_UNKNOWN: machine.web10: the state does not know it')
    expect(stderr).toContain('-> did you mean machine.web01?')
  }
  const why = await h2k(folder, ['why', 'machine.web01/convert'])
  expect(why.stdout).toMatch(/^machine\.web01\/convert is skipped: its input is what it was in attempt 1 /)
})
