import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isRunning, pidIn, runningWith } from '../../support/running.ts'
import { context, hookWorld } from './hook-world.ts'

const world = hookWorld({ environment: { TOKEN: 'hunter22-canary' } })
const script = (name: string, body: string) => world.file(name, `#!/bin/bash\n${body}\n`)

describe('a script', () => {
  it('gets each argument whole, whatever the values hold, and no shell reads them', async () => {
    script('args.sh', `printf '<%s>' "$@"`)
    const args = ['a b', '{{ vm_name }}', '$HOME;`id`', '', '-o{{ attempt }}', '{{ hook }} {{ stage }}']
    const { outcome, output } = await world.run({ type: 'script', path: 'args.sh', args })
    expect(outcome).toBe('succeeded')
    expect(output).toBe(`<a b><${context.vm_name}><$HOME;\`id\`><><-o1><it pre_fix>`)
  })

  it('sees what is named of the environment, and PATH, HOME, LANG, and nothing else', async () => {
    script('env.sh', 'env -0 | sort -z | tr "\\0" "\\n"')
    const { output } = await world.run({ type: 'script', path: 'env.sh', env: { NAME: '{{ vm_name }}', EMPTY: '' } })
    const names = [...output.matchAll(/^([A-Z_0-9a-z]+)=/gm)].map(([, name]) => name)
    // The shell itself sets PWD, SHLVL and _; by H2K_STARTED h2k finds what it started.
    expect(names).toEqual(['EMPTY', 'H2K_STARTED', 'HOME', 'LANG', 'NAME', 'PATH', 'PWD', 'SHLVL', '_'])
    expect(output).toContain(`NAME=${context.vm_name}\n`)
    expect(output).not.toContain('never-seen')
  })

  it('runs in the manifest’s folder, or where it is told', async () => {
    script('pwd.sh', 'pwd')
    mkdirSync(join(world.folder, 'linux dir'))
    const run = async (more: object) => (await world.run({ type: 'script', path: 'pwd.sh', ...more })).output.trim()
    expect(await run({})).toBe(world.folder)
    expect(await run({ working_directory: '{{ os }} dir' })).toBe(join(world.folder, 'linux dir'))
    expect(await run({ working_directory: '/' })).toBe('/')
  })

  it('has nothing to read', async () => {
    script('stdin.sh', 'cat; echo end')
    expect((await world.run({ type: 'script', path: 'stdin.sh' })).output).toBe('end\n')
  })

  it('is logged as it prints, with its colours', async () => {
    script('colour.sh', `printf '\\033[31mred\\033[0m\\n'; printf 'bad \\xff\\xfe\\n' >&2`)
    const { log, output } = await world.run({ type: 'script', path: 'colour.sh' })
    expect(log).toBe(output)
    expect(log).toContain('\u001b[31mred\u001b[0m\n')
    expect(log).toContain('bad \ufffd\ufffd\n')
  })
})

describe('a script that fails', () => {
  it('is told by its exit code and its last words, safe to print', async () => {
    script('fail.sh', `for i in 1 2 3 4 5 6; do echo "line $i"; done; printf '\\033[31mbroken\\n' >&2; exit 3`)
    const { outcome, problem, attempts } = await world.run({ type: 'script', path: 'fail.sh' })
    expect([outcome, attempts]).toEqual(['failed', 1])
    expect(problem).toEqual({
      severity: 'error',
      code: 'HOOK_FAILED',
      summary: `hook "it": ${world.folder}/fail.sh ended with exit code 3`,
      detail: expect.stringContaining('line 6 | \\u{1b}[31mbroken'),
    })
  })

  it.each([
    ['is not there', { path: 'none.sh' }, /none\.sh is not there/, undefined],
    ['is a folder', { path: '.' }, /is not there, or is no file/, undefined],
    ['may not be run', { path: 'plain.sh' }, /plain\.sh is not executable/, /^chmod \+x .*plain\.sh$/],
    ['has no folder to run in', { path: 'ok.sh', working_directory: 'no' }, /the folder .*no is not there/, undefined],
    ['lacks a variable', { path: 'ok.sh', env: { A: { env: 'NOT_SET' } } }, /NOT_SET is not set/, /^export NOT_SET=/],
  ])('because it %s, is not tried again', async (_, definition, summary, hint) => {
    world.file('plain.sh', '#!/bin/sh\n', 0o644)
    script('ok.sh', 'true')
    const retry = { max_retries: 3 }
    const { outcome, problem, attempts } = await world.run({ type: 'script', retry, ...definition })
    expect([outcome, attempts, problem?.code]).toEqual(['failed', 1, 'HOOK_MISSING'])
    expect(problem?.summary).toMatch(summary)
    expect(problem?.hint ?? '').toMatch(hint ?? /^$/)
  })

  it('for want of its interpreter says so', async () => {
    world.file('odd.sh', '#!/no/such/interpreter\n')
    const { problem } = await world.run({ type: 'script', path: 'odd.sh' })
    expect(problem).toMatchObject({ code: 'HOOK_FAILED', hint: expect.stringContaining('interpreter') })
  })

  it('by a template says where', async () => {
    const { problem, attempts } = await world.run({ type: 'script', path: 'ok.sh', args: ['', 'x {{ disks[9].id }}'] })
    expect(attempts).toBe(1)
    expect(problem).toMatchObject({
      code: 'TEMPLATE_INVALID',
      summary: 'hook "it", args[1], line 1 column 6: unknown name "disks.9"',
    })
  })

  it('for arguments that no program can get says so', async () => {
    const nul = { ...context, vm_name: 'a\0b' }
    expect(
      (await world.run({ type: 'script', path: 'ok.sh', args: ['{{ vm_name }}'] }, { told: nul })).problem,
    ).toMatchObject({
      code: 'HOOK_FAILED',
      summary: expect.stringContaining('NUL'),
    })
    const huge = { ...context, vm_name: 'x'.repeat(500_000) }
    const { problem } = await world.run({ type: 'script', path: 'ok.sh', args: ['{{ vm_name }}'] }, { told: huge })
    expect(problem).toMatchObject({ code: 'HOOK_FAILED', summary: expect.stringContaining('E2BIG') })
  })
})

describe('a script that takes too long', () => {
  it('ends with all that it started', async () => {
    const mark = `600.${process.pid}`
    script('slow.sh', `(setsid sleep ${mark} > /dev/null 2>&1 &)\nsleep ${mark} &\nwait`)
    const { outcome, problem } = await world.run({ type: 'script', path: 'slow.sh', timeout: 0.5 })
    expect([outcome, problem?.code]).toEqual(['failed', 'HOOK_TIMEOUT'])
    expect(problem?.summary).toBe('hook "it" took longer than 0.5 s')
    expect(runningWith(mark)).toEqual([])
  })

  it('ends at once when h2k is told to stop', async () => {
    script('stopped.sh', 'echo $$ > pid2; echo begun; sleep 600')
    const abort = new AbortController()
    const running = world.run(
      { type: 'script', path: 'stopped.sh' },
      { signal: abort.signal, onLog: () => abort.abort('stop') },
    )
    await expect(running).rejects.toBe('stop')
    expect(isRunning(pidIn(join(world.folder, 'pid2')))).toBe(false)
  })
})

it('keeps the first and the last of a hundred megabytes', async () => {
  script('much.sh', 'echo first; head -c 100000000 /dev/zero | tr "\\0" "x"; echo last')
  const { outcome, output, log } = await world.run({ type: 'script', path: 'much.sh' })
  expect(outcome).toBe('succeeded')
  expect(output.length).toBeLessThan(2.1 * 1024 * 1024)
  expect(output).toMatch(/^first\nx+\n\[… h2k left out \d{8} characters …\]\nx+last\n$/)
  expect(log).toBe(output)
})

describe('a secret', () => {
  it('is in the environment and in no output, however it is written there', async () => {
    script(
      'secret.sh',
      `[ "$TOKEN" = hunter22-canary ] || exit 9
      printf hunter22-; sleep 0.1; echo canary
      echo "err $TOKEN" >&2
      exit 1`,
    )
    const definition = { type: 'script', path: 'secret.sh', env: { TOKEN: { env: 'TOKEN' } } }
    const result = await world.run(definition)
    expect(result.problem?.summary).toContain('exit code 1')
    expect(result.log).toContain('err ***')
    expect(JSON.stringify(result)).not.toContain('hunter22-canary')
    expect(JSON.stringify(world.identity(definition))).not.toContain('hunter22-canary')
  })
})
