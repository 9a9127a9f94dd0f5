import { describe, expect, it } from 'vitest'
import { type Decision, decide, type Facts } from '../../src/core/decision.ts'
import type { StageRecord, StageStatus } from '../../src/core/record.ts'

const record = (status: StageStatus, rest: Partial<StageRecord> = {}): StageRecord => ({
  stage: 'convert',
  status,
  attempt: 1,
  fingerprint: 'same',
  bytes: 0,
  bytesDone: 0,
  seconds: 1,
  tools: {},
  startedAt: '2026-01-01T00:00:00.000Z',
  runId: 'r',
  ...rest,
})

const facts = (rest: Partial<Facts>): Facts => ({
  record: record('done'),
  fingerprint: 'same',
  input: () => ({ level: 9, disks: ['a'] }),
  redo: false,
  recordedInput: () => ({ level: 6, disks: ['a'] }),
  ...rest,
})

describe('whether a stage runs, and why', () => {
  const cases: [string, Partial<Facts>, Decision][] = [
    ['done and unchanged', {}, { run: false }],
    ['never run', { record: undefined }, { run: true, why: 'first' }],
    ['asked for', { redo: true }, { run: true, why: 'redo' }],
    ['asked for, and never run', { redo: true, record: undefined }, { run: true, why: 'first' }],
    [
      'its input changed',
      { fingerprint: 'other' },
      { run: true, why: 'changed', changes: [{ path: 'level', from: 6, to: 9 }] },
    ],
    [
      'its code changed',
      { fingerprint: 'other', recordedInput: () => ({ disks: ['a'], level: 9 }) },
      { run: true, why: 'changed', changes: [] },
    ],
    [
      'nobody knows its old input',
      { fingerprint: 'other', recordedInput: () => undefined },
      { run: true, why: 'changed', changes: [{ path: '', to: { level: 9, disks: ['a'] } }] },
    ],
    ['killed', { record: record('started') }, { run: true, why: 'resume', status: 'started' }],
    [
      'killed half way',
      { record: record('started', { bytes: 200, bytesDone: 50 }) },
      { run: true, why: 'resume', status: 'started', fraction: 0.25 },
    ],
    [
      'more done than announced',
      { record: record('interrupted', { bytes: 10, bytesDone: 20 }) },
      { run: true, why: 'resume', status: 'interrupted', fraction: 1 },
    ],
    [
      'failed',
      { record: record('failed', { message: 'no space' }) },
      { run: true, why: 'resume', status: 'failed', message: 'no space' },
    ],
    [
      'failed, with other input since',
      { record: record('failed'), fingerprint: 'other', redo: true },
      { run: true, why: 'resume', status: 'failed' },
    ],
  ]
  it.each(cases)('%s', (_name, given, decision) => {
    expect(decide(facts(given))).toEqual(decision)
  })
})

it('looks at the old input only when that decides', () => {
  const asked: string[] = []
  const watched = (rest: Partial<Facts>) =>
    decide(
      facts({
        recordedInput: () => {
          asked.push('input')
          return undefined
        },
        ...rest,
      }),
    )
  watched({ record: undefined })
  watched({ record: record('failed') })
  watched({ redo: true })
  expect(asked).toEqual([])
  watched({ fingerprint: 'other' })
  expect(asked).toEqual(['input'])
  watched({})
  expect(asked).toEqual(['input'])
})
