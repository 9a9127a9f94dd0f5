import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { unifiedDiff } from '../../src/core/unified-diff.ts'
import { fuzzRuns } from '../support/fuzz-runs.ts'

const folder = mkdtempSync(join(tmpdir(), 'h2k-diff-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('a unified diff', () => {
  it('shows what changed with the lines around it', () => {
    const before = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', ''].join('\n')
    expect(unifiedDiff('/etc/x', before, before.replace('e', 'E'), 1)).toBe(
      ['--- a/etc/x', '+++ b/etc/x', '@@ -4,3 +4,3 @@', ' d', '-e', '+E', ' f', ''].join('\n'),
    )
  })

  it('of a new file, and of one that goes', () => {
    expect(unifiedDiff('/x', undefined, 'a\n')).toBe('--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+a\n')
    expect(unifiedDiff('/x', 'a\n', undefined)).toBe('--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n')
  })

  it('is empty when nothing changed', () => {
    expect(unifiedDiff('/x', 'a\n', 'a\n')).toBe('')
  })

  it('is understood by git apply, whatever the texts are', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 12 })
      .map((lines) => lines.map((line) => `${line}\n`).join(''))
    fc.assert(
      fc.property(text, text, fc.integer({ min: 0, max: 3 }), (before, after, context) => {
        if (before === after) return
        writeFileSync(join(folder, 'x'), before)
        const input = unifiedDiff('/x', before, after, context)
        execFileSync('git', ['apply', '-p1', '--unidiff-zero', '--whitespace=nowarn', '-'], { cwd: folder, input })
        expect(readFileSync(join(folder, 'x'), 'utf8')).toBe(after)
      }),
      { numRuns: fuzzRuns(60) },
    )
  })
})
