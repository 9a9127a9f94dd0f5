import { describe, expect, it } from 'vitest'
import { createBatchProgress, type Member } from '../../src/core/batch-progress.ts'
import { batchReport } from '../../src/core/batch-report.ts'
import { batchSummary } from '../../src/core/batch-summary.ts'
import type { RunEvent } from '../../src/core/events.ts'
import { batchProgressSchema, batchReportSchema } from '../../src/core/language/reports.ts'
import type { StageName } from '../../src/core/stage-names.ts'

const members: readonly Member[] = [
  { vmId: 'one', machine: 'a', lastStage: 'publish' },
  { vmId: 'two', machine: 'b', lastStage: 'boot_test' },
  { vmId: 'three', machine: 'c', lastStage: 'publish' },
  { vmId: 'same', machine: 'd', skipped: 'as git says already' },
  { vmId: 'odd', machine: 'e', failed: 'its source is missing' },
]
const begin = () => createBatchProgress({ id: 'first', runId: 'r1', parallelLimit: 2 }, members, 100)
const starts = (machine: string, stage: StageName): RunEvent => {
  return { type: 'stage_start', machine, stage, attempt: 1, bytes: 0, why: 'not done yet' }
}
const ends = (machine: string, stage: StageName): RunEvent => {
  return { type: 'stage_done', machine, stage, attempt: 1, seconds: 1, bytes: 0, evidence: null }
}
const fails = (machine: string, interrupted = false): RunEvent => ({
  type: 'stage_failed',
  machine,
  stage: 'convert',
  attempt: 1,
  seconds: 1,
  interrupted,
  retryable: true,
  problems: [{ severity: 'error', code: 'TOOL_FAILED', summary: 'no space' }],
})
const ending = { done: new Set<string>(), failed: new Map(), interrupted: new Set<string>(), held: new Map() }

describe('the progress of a batch', () => {
  it('follows each machine from its first stage to its last', () => {
    const progress = begin()
    expect(progress.view(100)).toMatchObject({
      counts: { pending: 3, in_progress: 0, completed: 0, failed: 1, skipped: 1 },
      completion_percentage: 40,
      estimated_time_remaining: null,
    })
    progress.take(starts('a', 'preflight'), 110)
    progress.take(ends('a', 'preflight'), 111)
    progress.take(starts('a', 'convert'), 112)
    expect(progress.view(112).vms.one).toMatchObject({
      status: 'IN_PROGRESS',
      started_at: 110,
      current_stage: 'convert',
      stages_completed: ['preflight'],
    })
    progress.take(ends('a', 'publish'), 130)
    progress.take(fails('b'), 131)
    const view = progress.view(140)
    expect(batchProgressSchema.parse(view)).toEqual(view)
    expect(view.vms.one).toMatchObject({ status: 'COMPLETED', completed_at: 130, duration: 20, current_stage: null })
    expect(view.vms.two).toMatchObject({ status: 'FAILED', error: 'TOOL_FAILED: no space' })
    // One is left, and it takes what the other one took.
    expect(view).toMatchObject({ completion_percentage: 80, estimated_time_remaining: 20 })
  })

  it('is about its own machines only', () => {
    const progress = begin()
    expect(progress.take(starts('z', 'convert'), 110)).toBe(false)
    expect(progress.take({ type: 'machine_forgotten', machine: 'a' }, 110)).toBe(false)
    expect(progress.take(starts('a', 'convert'), 110)).toBe(true)
  })

  it('ends with what was interrupted, held back or failed after its last stage', () => {
    const progress = begin()
    progress.take(fails('a', true), 110)
    progress.take(ends('b', 'publish'), 111)
    const failed = new Map([['b', 'its rest could not be removed']])
    progress.end({ ...ending, failed, interrupted: new Set(['a']), held: new Map([['c', 'waits for b']]) }, 120)
    const { vms, completed_at: at, estimated_time_remaining: left } = progress.view(120)
    expect([at, left]).toEqual([120, 0])
    expect(Object.values(vms).map(({ status, error }) => `${status} ${error}`)).toEqual([
      'PENDING TOOL_FAILED: no space',
      'FAILED its rest could not be removed',
      'SKIPPED waits for b',
      'SKIPPED as git says already',
      'FAILED its source is missing',
    ])
  })
})

it('the report and its summary count what was processed, and tell the rest', () => {
  const progress = begin()
  progress.take(starts('a', 'convert'), 110)
  progress.take(ends('a', 'publish'), 120)
  progress.take(starts('b', 'convert'), 110)
  progress.take(ends('b', 'boot_test'), 140)
  progress.end({ ...ending, done: new Set(['a', 'b']), held: new Map([['c', 'waits for \u001b[31mx']]) }, 150)
  const report = batchReport(progress.view(150), {
    file: 'batches/first.yaml',
    version: '1',
    now: '2026-03-01T00:00:00.000Z',
    manifests: new Map([['a', 'manifests/a.yaml']]),
    unchanged: new Set(['d']),
    leftAlone: new Set(),
    warnings: [],
    errors: [{ machine: 'e', message: 'SOURCE_MISSING: gone', at: '2026-03-01T00:00:00.000Z' }],
  })
  expect(batchReportSchema.parse(report)).toEqual(report)
  expect(report.batch).toMatchObject({
    success: false,
    duration_seconds: 50,
    total_vms: 5,
    processed_vms: 4,
    successful_vms: 3,
    failed_vms: 1,
    success_rate: 0.75,
  })
  expect(report.aggregate_stats).toEqual({
    total_duration: 40,
    average_duration: 20,
    fastest_conversion: { vm_id: 'one', duration: 10 },
    slowest_conversion: { vm_id: 'two', duration: 30 },
  })
  const summary = batchSummary(report)
  expect(summary).toContain('  left: 1\n')
  expect(summary).toContain('  three: waits for \\u{1b}[31mx\n')
  expect(summary).toContain('  odd: SOURCE_MISSING: gone\n')
})
