import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from '../support/machines.ts'

interface Block {
  readonly language: string
  readonly text: string
}

function blocksOf(page: string): readonly Block[] {
  const blocks = readFileSync(page, 'utf8').matchAll(/^```(\w+)\n(.*?)^```$/gms)
  return [...blocks].map(([, language = '', text = '']) => ({ language, text }))
}

/** Runs each line in a shell of its own, in the folder where the one before ended; gives what all of them print. */
function shell(start: string) {
  const where = join(start, '.where')
  const PATH = [resolve('bin'), join(process.execPath, '..'), process.env.PATH].join(':')
  const person = ['AUTHOR', 'COMMITTER'].flatMap((role) => [
    [`GIT_${role}_NAME`, 'A Reader'],
    [`GIT_${role}_EMAIL`, 'reader@example.com'],
  ])
  const env = { ...process.env, ...Object.fromEntries(person), PATH }
  let cwd = start
  return (line: string): string => {
    writeFileSync(where, cwd)
    const script = `exec 2>&1\nset -eu -o pipefail\n${line}\npwd > "$0"`
    const { status, stdout } = spawnSync('bash', ['-c', script, where], { cwd, env, encoding: 'utf8' })
    expect(status, `${line}\n${stdout}`).toBe(0)
    cwd = readFileSync(where, 'utf8').trimEnd()
    return stdout
  }
}

test('the tutorial, line by line', () => {
  const run = shell(temporaryFolder())
  const blocks = blocksOf('docs/tutorial.md')
  expect(blocks.filter(({ language }) => language === 'sh').length).toBeGreaterThan(10)
  let printed = ''
  for (const { language, text } of blocks) {
    const lines = text.trimEnd().split('\n')
    if (language === 'sh') printed = lines.map(run).join('')
    else expect(inOrder(lines, printed), `not among what was printed:\n${printed}`).toEqual([])
  }
})

/** The lines that are no part of a text, each looked for behind the one before. */
function inOrder(lines: readonly string[], text: string): readonly string[] {
  let from = 0
  return lines.filter((line) => {
    const found = text.indexOf(line, from)
    if (found !== -1) from = found + line.length
    return found === -1
  })
}
