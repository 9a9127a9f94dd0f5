import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createRunner } from '../../../src/adapters/exec/runner.ts'
import { problemsOf } from '../../../src/core/problem.ts'
import type { Command } from '../../../src/ports/runner.ts'
import { isRunning, pidIn } from '../../support/running.ts'

const folder = mkdtempSync(join(tmpdir(), 'h2k-runner-'))
afterAll(() => rmSync(folder, { recursive: true }))

const never = new AbortController().signal
const runner = createRunner()
const bash = (script: string, rest: Partial<Command> = {}, signal = never) =>
  runner.run({ file: 'bash', args: ['-c', script], ...rest }, signal)
const codeOf = (thrown: unknown) => problemsOf(thrown)?.map(({ code }) => code)

describe('a tool', () => {
  it('sees the environment, folder and input that it is given', async () => {
    const { stdout } = await bash('cat; echo "$A|$HOME|$PWD"', {
      env: { PATH: process.env.PATH ?? '', A: 'é "x" $(id)' },
      cwd: folder,
      input: 'in\n',
    })
    expect(stdout).toBe(`in\né "x" $(id)||${folder}\n`)
  })

  it('finds nothing on standard input unless it is given some', async () => {
    expect((await bash('wc -c')).stdout.trim()).toBe('0')
  })

  it('may leave its input unread', async () => {
    expect((await bash('exec <&-; echo done', { input: 'x'.repeat(1_000_000) })).stdout).toBe('done\n')
  })

  it('reports apart from what it prints', async () => {
    const finished = await bash('echo out; echo err >&2; echo report >&3', { reports: true })
    expect(finished).toEqual({ exitCode: 0, stdout: 'out\n', stderr: 'err\n', report: 'report\n' })
  })

  it('tells its exit code where any will do, also when a signal ended it', async () => {
    expect((await bash('exit 7', { answers: 'any' })).exitCode).toBe(7)
    expect((await bash('kill -SEGV $$', { answers: 'any' })).exitCode).toBe(128 + 11)
  })

  it('hands on both streams as they arrive, bad UTF-8 made good', async () => {
    let out = ''
    let err = ''
    await bash(`printf '\\xff\\xfeé' ; printf 'bad' >&2`, {
      onOutput: (text) => {
        out += text
      },
      onErrorOutput: (text) => {
        err += text
      },
    })
    expect([out, err]).toEqual(['\ufffd\ufffdé', 'bad'])
  })

  it('may be named by its path', async () => {
    const path = join(folder, 'tool.sh')
    writeFileSync(path, '#!/bin/sh\necho "$@"\n', { mode: 0o755 })
    expect((await runner.run({ file: path, args: ['a b'] }, never)).stdout).toBe('a b\n')
    const missing = await runner.run({ file: join(folder, 'no'), args: [] }, never).catch(codeOf)
    expect(missing).toEqual(['TOOL_MISSING'])
  })
})

describe('what a tool started', () => {
  it('ends with an abort, also what left its group, lost its parent or ignores the request', async () => {
    const abort = new AbortController()
    const script = `
      sleep 600 & echo $! > ${folder}/child
      setsid sleep 600 & echo $! > ${folder}/session
      (setsid bash -c 'trap "" TERM; echo $$ > ${folder}/orphan; while :; do sleep 600; done' > /dev/null 2>&1 &)
      while [ ! -s ${folder}/orphan ]; do sleep 0.01; done
      echo ready
      wait`
    await expect(bash(script, { onOutput: () => abort.abort('stop') }, abort.signal)).rejects.toBe('stop')
    const running = ['child', 'session', 'orphan'].filter((name) => isRunning(pidIn(join(folder, name))))
    expect(running).toEqual([])
  })

  it('ends with the time limit', async () => {
    const limited = bash('setsid sleep 600; sleep 600', { timeoutSeconds: 0.2 })
    expect(await limited.catch(codeOf)).toEqual(['TOOL_TIMEOUT'])
  })

  it('is not waited for when the tool has ended: a background job ends with it', async () => {
    const { stdout } = await bash(`sleep 600 & echo $! > ${folder}/job; echo done`)
    expect(stdout).toBe('done\n')
    expect(isRunning(pidIn(join(folder, 'job')))).toBe(false)
  })

  it('may outlive it in a session of its own, without holding it up', async () => {
    const { stdout } = await bash(`setsid sleep 600 & echo $! > ${folder}/daemon; echo done`)
    const pid = pidIn(join(folder, 'daemon'))
    expect(stdout).toBe('done\n')
    expect(isRunning(pid)).toBe(true)
    process.kill(pid)
  })

  it('may finish what it writes', async () => {
    await bash(`exec > >(sleep 0.1; cat > ${folder}/tee); echo line`)
    expect(readFileSync(join(folder, 'tee'), 'utf8')).toBe('line\n')
  })
})
