import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { context, hookWorld } from './hook-world.ts'

const world = hookWorld()

world.file(
  'checks.py',
  `import json, os, subprocess, sys, time
class Group:
    @staticmethod
    def inner(): return True
def yes(): return True
def no(): return False
def nothing(): pass
def text(**args): return "done"
def echo(disk, n=0): return {"success": True, "output": json.dumps([disk, n], ensure_ascii=False)}
def told(context): return {"success": True, "output": context["vm_name"]}
def refuse(): return {"success": False, "output": "disk \\x1b[31mbad"}
def fail():
    def deep(): raise ValueError("no such disk: é")
    deep()
def leave(): sys.exit(0)
def vanish(): os._exit(0)
def crash(): os.abort()
def noisy():
    print('{"result": false}')
    os.write(1, b'\\n{"error": "fake"}\\n\\xff')
    subprocess.run(["sh", "-c", "echo child; echo fake >&3 || true"])
    sys.stdout.close()
    return True
def slow(): time.sleep(600)
def environment(): return {"success": True, "output": ",".join(sorted(os.environ))}
def folder(): return {"success": True, "output": os.getcwd()}
not_callable = 3
`,
)
world.file('package/__init__.py', '')
world.file('package/inner.py', 'def yes(): return True\n')
world.file('lib/other.py', 'import helper\ndef yes(): return helper.yes()\n')
world.file('lib/helper.py', 'def yes(): return True\n')
world.file('broken.py', 'def yes(:\n')
world.file('lacking.py', 'import no_such_module\ndef yes(): return True\n')

world.file(
  'checks.mjs',
  `import { spawnSync } from 'node:child_process'
export default (context, args) => ({ success: true, output: JSON.stringify([context.vm_name, args]) })
export const yes = async () => true
export const no = () => false
export const nothing = () => {}
export const text = () => 'done'
export const refuse = async () => ({ success: false, output: { disk: 'bad' } })
export const fail = async () => { throw new TypeError('no such disk: é') }
export const odd = () => { throw 'odd' }
export const vanish = () => process.exit(0)
export const crash = () => process.abort()
export const later = () => { setInterval(() => undefined, 1000); return true }
export const noisy = () => {
  console.log('{"result": false}')
  process.stdout.write(Buffer.from([10, 255]))
  spawnSync('sh', ['-c', 'echo child'], { stdio: 'inherit' })
  return true
}
export const slow = () => new Promise(() => setInterval(() => undefined, 1000))
export const environment = () => ({ success: true, output: Object.keys(process.env).sort().join() })
export const folder = () => ({ success: true, output: process.cwd() })
`,
)
world.file(
  'common.cjs',
  `module.exports = () => true\nmodule.exports.named = () => ({ success: true, output: 'named' })\n`,
)
world.file('broken.mjs', 'export const = 3\n')

const kinds = [
  { kind: 'python', call: (name: string) => ({ type: 'python', module: 'checks', function: name }) },
  { kind: 'node', call: (name: string) => ({ type: 'node', path: 'checks.mjs', function: name }) },
]

describe.for(kinds)('a function in $kind', ({ kind, call }) => {
  it('succeeds when it returns true', async () => {
    expect(await world.run(call('yes'))).toMatchObject({ outcome: 'succeeded', attempts: 1, output: '' })
  })

  it.each([
    ['no', /no says that it failed$/, undefined],
    ['refuse', /refuse says that it failed$/, kind === 'python' ? 'disk \\u{1b}[31mbad' : '{"disk":"bad"}'],
    [
      'fail',
      /(ValueError|TypeError): no such disk: é$/,
      kind === 'python' ? /checks\.py", line \d+, in deep$/ : /^at fail .*checks\.mjs/,
    ],
    ['nothing', /nothing returned null$/, undefined],
    ['text', /text returned "done"$/, undefined],
    ['vanish', /vanish ended the program instead of returning$/, undefined],
    ['crash', /ended with exit code 134$/, undefined],
    ['absent', /has no function absent$/, undefined],
  ])('fails by %s', async (name, summary, detail) => {
    const { outcome, problem } = await world.run(call(name))
    expect([outcome, problem?.code]).toEqual(['failed', 'HOOK_FAILED'])
    expect(problem?.summary).toMatch(summary)
    if (detail !== undefined) expect(problem?.detail).toMatch(detail)
  })

  it('may print whatever it likes', async () => {
    const { outcome, output } = await world.run(call('noisy'))
    expect(outcome).toBe('succeeded')
    expect(output).toContain('{"result": false}')
    expect(output).toContain('child')
    expect(output).toContain('\ufffd')
  })

  it('ends with its time limit', async () => {
    expect((await world.run({ ...call('slow'), timeout: 0.5 })).problem?.code).toBe('HOOK_TIMEOUT')
  })

  it('sees PATH, HOME and LANG, and runs in the manifest’s folder', async () => {
    const { output } = await world.run(call('environment'))
    // Where python3 is a script of pyenv, that adds some of its own.
    expect(output.trim().split(',')).toEqual(expect.arrayContaining(['HOME', 'LANG', 'PATH']))
    expect(output).not.toContain('SECRET_OF_H2K')
    expect((await world.run(call('folder'))).output.trim()).toBe(world.folder)
  })

  it('fails where its file is not there', async () => {
    const gone =
      kind === 'python' ? { type: 'python', module: 'gone', function: 'f' } : { type: 'node', path: 'gone.mjs' }
    expect((await world.run(gone)).problem?.code).toBe('HOOK_MISSING')
  })

  it('fails where its file does not parse', async () => {
    const broken =
      kind === 'python' ? { type: 'python', module: 'broken', function: 'yes' } : { type: 'node', path: 'broken.mjs' }
    expect((await world.run(broken)).problem?.summary).toContain('SyntaxError')
  })

  it('gets a context of a megabyte', async () => {
    const told = { ...context, vm_name: 'é'.repeat(500_000) }
    expect(await world.run(call('yes'), { told })).toMatchObject({ outcome: 'succeeded' })
  })
})

describe('a function in python', () => {
  const python = (name: string, args = {}) => ({ type: 'python', module: 'checks', function: name, args })

  it('gets its arguments by name, as data', async () => {
    const { output } = await world.run(python('echo', { disk: '{{ vm_name }}', n: [1, null, { a: '{{ os }}' }] }))
    expect(JSON.parse(output)).toEqual([context.vm_name, [1, null, { a: 'linux' }]])
  })

  it('gets the context where it has such a parameter', async () => {
    expect((await world.run(python('told'))).output).toBe(`${context.vm_name}\n`)
  })

  it('is told of a wrong argument', async () => {
    expect((await world.run(python('echo', { nope: 1 }))).problem?.summary).toContain(
      "unexpected keyword argument 'nope'",
    )
  })

  it('does not succeed by leaving', async () => {
    expect((await world.run(python('leave'))).problem?.summary).toContain('SystemExit: 0')
  })

  it('lies in packages, classes and other folders, and imports from there', async () => {
    const all = [
      { module: 'package.inner', function: 'yes' },
      { module: 'checks', function: 'Group.inner' },
      { module: 'other', function: 'yes', pythonpath: 'lib' },
    ]
    for (const one of all) expect(await world.run({ type: 'python', ...one })).toMatchObject({ outcome: 'succeeded' })
    expect(existsSync(join(world.folder, 'lib/__pycache__'))).toBe(false)
  })

  it('says which module it lacks', async () => {
    const { problem } = await world.run({ type: 'python', module: 'lacking', function: 'yes' })
    expect(problem?.summary).toContain("ModuleNotFoundError: No module named 'no_such_module'")
    expect((await world.run(python('not_callable'))).problem?.summary).toContain('has no function not_callable')
  })
})

describe('a function in node', () => {
  it('gets context and args, as data', async () => {
    const { output } = await world.run({ type: 'node', path: 'checks.mjs', args: { a: ['{{ vm_name }}'] } })
    expect(JSON.parse(output)).toEqual([context.vm_name, { a: [context.vm_name] }])
  })

  it('may leave something running: the hook ends with its function', async () => {
    expect(await world.run({ type: 'node', path: 'checks.mjs', function: 'later' })).toMatchObject({
      outcome: 'succeeded',
    })
  })

  it('may throw anything', async () => {
    const { problem } = await world.run({ type: 'node', path: 'checks.mjs', function: 'odd' })
    expect(problem?.summary).toBe('hook "it": it threw odd')
  })

  it('may be CommonJS', async () => {
    expect(await world.run({ type: 'node', path: 'common.cjs' })).toMatchObject({ outcome: 'succeeded' })
    expect((await world.run({ type: 'node', path: 'common.cjs', function: 'named' })).output).toBe('named\n')
  })
})
