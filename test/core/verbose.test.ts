import { expect, it } from 'vitest'
import type { RunEvent } from '../../src/core/events.ts'
import { verboseLines } from '../../src/core/verbose.ts'

const at = { machine: 'a', stage: 'convert', attempt: 2 } as const
const progress: RunEvent = { ...at, type: 'stage_progress', bytes: 1 << 20, total: 1 << 22, rate: 1 << 19 }
const done: RunEvent = { ...at, type: 'stage_done', seconds: 2, bytes: 4, evidence: { disks: ['x\u001b[31m'] } }
const failed: RunEvent = {
  ...at,
  type: 'stage_failed',
  seconds: 1,
  interrupted: false,
  retryable: true,
  problems: [{ severity: 'error', code: 'TOOL_FAILED', summary: 'no space', detail: 'ENOSPC', hint: 'make room' }],
}

it.each<[number, RunEvent, string[]]>([
  [0, done, []],
  [0, failed, []],
  [0, progress, []],
  [1, { ...at, type: 'stage_start', bytes: 0, why: 'asked\nfor' }, ['attempt 2, because: asked\\u{a}for']],
  [1, { ...at, type: 'stage_skipped', why: 'unchanged' }, ['nothing to do: unchanged']],
  [1, failed, ['TOOL_FAILED: no space', '  ENOSPC', '  -> make room']],
  [1, done, ['done in 2 s']],
  [2, done, ['done in 2 s', 'recorded disks: ["x\\u001b[31m"]']],
  [2, progress, []],
  [3, progress, ['1 MiB of 4 MiB, 512 KiB/s']],
  [3, { type: 'machine_forgotten', machine: 'a' }, []],
])('with %i of %o', (level, event, lines) => {
  expect(verboseLines(event, level)).toEqual(lines)
})
