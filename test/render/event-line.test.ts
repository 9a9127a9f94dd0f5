import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../src/core/events.ts'
import type { Problem } from '../../src/core/problem.ts'
import { eventLine } from '../../src/render/event-line.ts'

const gib = 1024 ** 3
const convert = { machine: 'web01', stage: 'convert', attempt: 1 } as const
const failed = { ...convert, type: 'stage_failed', seconds: 3, interrupted: false, retryable: true } as const

function wrong(code: Problem['code'], summary: string, rest: Partial<Problem> = {}): Problem {
  return { severity: 'error', code, summary, ...rest }
}

const lines: [RunEvent, string | undefined][] = [
  [{ type: 'run_start', machines: 3, stages: 15, bytes: 3.1 * gib }, 'apply: 3 machines, 15 stages, 3.1 GiB'],
  [{ type: 'run_start', machines: 1, stages: 1, bytes: 0 }, 'apply: 1 machine, 1 stage'],
  [
    { ...convert, type: 'stage_start', bytes: 3.1 * gib, why: 'not done yet' },
    'machine.web01/convert: started, 3.1 GiB to read',
  ],
  [
    { ...convert, type: 'stage_start', attempt: 2, bytes: 0, why: 'asked for' },
    'machine.web01/convert: started, attempt 2',
  ],
  [{ ...convert, type: 'stage_progress', bytes: 1, total: 2, rate: 3, eta: 4 }, undefined],
  [
    { ...convert, type: 'stage_done', seconds: 12, bytes: 3.1 * gib, evidence: {} },
    'machine.web01/convert: done in 12 s, 3.1 GiB at 265 MiB/s',
  ],
  [{ ...convert, type: 'stage_done', seconds: 0.04, bytes: 0, evidence: {} }, 'machine.web01/convert: done in 0 s'],
  [
    { type: 'stage_skipped', machine: 'web01', stage: 'convert', why: 'unchanged' },
    'machine.web01/convert: skipped, unchanged',
  ],
  [
    { ...failed, problems: [wrong('TOOL_FAILED', 'qemu-img convert: no space left on device')] },
    'machine.web01/convert: FAILED after 3 s: TOOL_FAILED qemu-img convert: no space left on device',
  ],
  [
    { ...failed, problems: ['a', 'b', 'c', 'd', 'e'].map((id) => wrong('RESULT_WRONG', `disk ${id}`)) },
    'machine.web01/convert: FAILED after 3 s: RESULT_WRONG disk a; RESULT_WRONG disk b; RESULT_WRONG disk c; and 2 more',
  ],
  [
    { ...failed, interrupted: true, problems: [wrong('INTERRUPTED', 'stopped by a signal')] },
    'machine.web01/convert: interrupted after 3 s',
  ],
  [{ type: 'machine_forgotten', machine: 'old01' }, 'machine.old01: forgotten'],
  [
    {
      type: 'diagnostic',
      problem: wrong('KEY_UNKNOWN', 'unknown key "cpus"', {
        severity: 'warning',
        hint: 'did you mean "cpu"?',
        at: { file: 'manifests/web01.yaml', line: 12, column: 7 },
      }),
    },
    'manifests/web01.yaml:12:7 warning KEY_UNKNOWN: unknown key "cpus" -> did you mean "cpu"?',
  ],
  [
    { type: 'diagnostic', problem: wrong('PLAN_STALE', 'its source changed', { address: 'machine.db01' }) },
    'machine.db01 error PLAN_STALE: its source changed',
  ],
  [
    {
      type: 'hook_done',
      machine: 'a',
      stage: 'convert',
      point: 'pre_convert',
      hook: 'tell\nus',
      outcome: 'failed',
      attempts: 2,
      seconds: 3,
    },
    'machine.a/convert: hook pre_convert tell\\u{a}us failed in 3 s, 2 attempts',
  ],
  [{ type: 'planned_change', machine: 'a', action: 'noop', stages: [], read_bytes: 0, write_bytes: 0 }, undefined],
  [{ type: 'policy', rule: 'destroy', action: 'deny', evidence: 'x', waived: false }, undefined],
  [{ type: 'artifact_removed', machine: 'a', path: 'output/a/x\ny' }, 'machine.a: removed output/a/x\\u{a}y'],
  [{ type: 'machine_destroyed', machine: 'a', removed: 2 }, 'machine.a: destroyed, 2 artifacts removed'],
  [{ type: 'lock', status: 'taken', token: 12, machines: 3 }, 'lock of 3 machines: taken, token 12'],
  [{ type: 'lock', status: 'released', token: 12, machines: 1 }, 'lock of 1 machine: released'],
  [
    {
      type: 'summary',
      done: 12,
      failed: 1,
      unchanged: 3,
      forgotten: 1,
      destroyed: 0,
      held: 0,
      interrupted: 2,
      seconds: 192,
      bytes: 31 * gib,
    },
    '12 machines done, 1 failed, 2 interrupted, 3 unchanged, 1 forgotten in 3 min 12 s, 31 GiB',
  ],
  [
    {
      type: 'summary',
      done: 1,
      failed: 0,
      unchanged: 0,
      forgotten: 0,
      destroyed: 0,
      held: 0,
      interrupted: 0,
      seconds: 1.5,
      bytes: 0,
    },
    '1 machine done in 1.5 s',
  ],
]

describe('eventLine', () => {
  it.each(lines)('%o', (event, line) => {
    expect(eventLine(event)).toBe(line)
  })

  it('prints what an attacker wrote, instead of doing it', () => {
    const machine = 'a\n\u001b[2J\u202eb'
    const hostile: RunEvent[] = [
      { type: 'stage_skipped', machine, stage: 'export', why: machine },
      { ...failed, machine, problems: [wrong('TOOL_FAILED', machine)] },
      { type: 'diagnostic', problem: wrong('SYNTAX', machine, { hint: machine, at: { file: machine } }) },
      { type: 'machine_forgotten', machine },
    ]
    for (const event of hostile) expect(eventLine(event)).not.toMatch(/[\u0000-\u001f\u202e]/)
    expect(eventLine({ type: 'machine_forgotten', machine })).toBe('machine.a\\u{a}\\u{1b}[2J\\u{202e}b: forgotten')
  })
})
