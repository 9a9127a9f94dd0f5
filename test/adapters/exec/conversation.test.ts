import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createRunner } from '../../../src/adapters/exec/runner.ts'
import { problemsOf } from '../../../src/core/problem.ts'
import { isRunning, pidIn } from '../../support/running.ts'

const folder = mkdtempSync(join(tmpdir(), 'h2k-conversation-'))
afterAll(() => rmSync(folder, { recursive: true }))

const never = new AbortController().signal
const converse = (script: string, signal = never) =>
  createRunner().converse({ file: 'bash', args: ['-c', script] }, signal)
const problemOf = (thrown: unknown) => problemsOf(thrown)?.map(({ code, summary }) => `${code} ${summary}`)
const parrot = 'while read -r line; do echo "$line" >&3; done'
const child = join(folder, 'child')
const started = `sleep 600 & echo $! > ${child}`

describe('a conversation', () => {
  it('gives each line its answer, also when several are sent at once', async () => {
    const { ask, end } = converse(parrot)
    expect(await Promise.all(['one', 'é "two" $(id)', 'x'.repeat(300_000)].map((line) => ask(line, 10)))).toEqual([
      'one',
      'é "two" $(id)',
      'x'.repeat(300_000),
    ])
    await end()
  })

  it('is over when it was ended: what the tool started is gone, and nothing more is answered', async () => {
    const { ask, end } = converse(`${started}; ${parrot}`)
    await ask('hello', 10)
    await end()
    expect(isRunning(pidIn(child))).toBe(false)
    expect(await ask('again', 10).catch(problemOf)).toEqual(['TOOL_FAILED bash -c ended with 0: it said nothing'])
  })

  it('fails with the last words of a tool that ended in it', async () => {
    const { ask, end } = converse('read -r line; echo "no $line" >&2; exit 3')
    expect(await Promise.all([ask('more', 10), ask('less', 10)]).catch(problemOf)).toEqual([
      'TOOL_FAILED bash -c ended with 3: no more',
    ])
    await end()
  })

  it('ends the tool and all it started when an answer takes too long', async () => {
    const { ask } = converse(`${started}; read -r line; trap '' TERM; while :; do sleep 600; done`)
    expect(await ask('hello', 0.3).catch(problemOf)).toEqual(['TOOL_TIMEOUT bash -c took longer than 0.3 s'])
    await expect.poll(() => isRunning(pidIn(child)), { timeout: 10_000 }).toBe(false)
  })

  it('ends with an abort, for its reason', async () => {
    const abort = new AbortController()
    const { ask, end } = converse(`${started}; ${parrot}; wait`, abort.signal)
    await ask('hello', 10)
    const waiting = ask('unanswered'.repeat(10), 10)
    abort.abort('stop')
    await Promise.allSettled([waiting])
    await end()
    await expect(ask('again', 10)).rejects.toBe('stop')
    expect(isRunning(pidIn(child))).toBe(false)
  })

  it('refuses an answer that nobody asked for', async () => {
    // Both in one piece: an answer that came a moment later would be taken for that to the next question.
    const { ask } = converse("read -r line; env printf 'one\\ntwo\\n' >&3; read -r line")
    expect(await ask('a', 10)).toBe('one')
    expect(await ask('b', 10).catch(problemOf)).toEqual(['TOOL_FAILED bash -c said something that it was not asked'])
  })

  it('needs its tool', async () => {
    writeFileSync(join(folder, 'plain'), '')
    const refused = () => createRunner().converse({ file: join(folder, 'plain'), args: [] }, never)
    expect(refused).toThrow(/TOOL_MISSING/)
  })
})
