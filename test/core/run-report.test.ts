import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { jsonSchemas } from '../../src/core/language/schemas.ts'
import { runReport } from '../../src/core/report/run-report.ts'
import { factsOf, reportOf, someNames } from '../render/run-reports.ts'

const names = someNames(8)

describe('the report of a run', () => {
  test('fits its schema and counts what became of the machines', () => {
    const report = reportOf(names)
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(jsonSchemas().report ?? {})
    expect(validate(report), JSON.stringify(validate.errors)).toBe(true)
    expect(report.counts).toEqual({
      total: 9,
      successful: 7,
      failed: 1,
      interrupted: 0,
      waiting: 1,
      unchanged: 3,
      success_rate: 0.875,
    })
    expect(report.run.outcome).toBe('partial')
    expect(report.waves).toMatchObject([
      { wave: 'canary', total: 2, successful: 2 },
      { wave: 'production', total: 7, successful: 5, failed: 1, waiting: 1 },
    ])
    const failed = report.machines.find(({ outcome }) => outcome === 'failed')
    expect(failed).toMatchObject({ machine: 'web006', why: 'convert: no space left on device' })
    expect(failed?.log).toContain('web006.qcow2')
  })

  test('gives paths in the workspace relative to it, digests, tools and who approved', () => {
    const [first] = reportOf(names).machines
    expect(first).toMatchObject({
      disks: [{ path: 'output/web001/boot.qcow2', sha256: 'ab'.repeat(32) }],
      domain: { path: 'output/web001/domain.xml' },
      tools: { 'qemu-img': '7.2.22' },
      approved: { by: 'ann@example.com' },
      evidence: true,
    })
  })

  test('shows no evidence of another run for its own', () => {
    const facts = factsOf(['web01'])
    const record = facts.records.get('web01')
    const stages = new Map(
      [...(record?.stages ?? [])].map(([name, stage]) => [
        name,
        { ...stage, attempt: 2, runId: 'r2', startedAt: '2026-03-05T00:00:00.000Z' },
      ]),
    )
    const report = runReport({ ...facts, records: new Map(record ? [['web01', { ...record, stages }]] : []) })
    expect(report.machines[0]).toMatchObject({ outcome: 'done', evidence: false, disks: [], domain: null, tools: {} })
  })

  test('tells a run that goes on from one whose process died', () => {
    const facts = factsOf(['web01'])
    const { finishedAt: _, exitCode: __, ...run } = facts.run
    const history = facts.history.filter(({ stage }) => stage === 'preflight')
    const going = { ...facts, run, history }
    expect(runReport({ ...going, alive: true })).toMatchObject({
      run: { outcome: 'running' },
      machines: [{ outcome: 'running' }, {}],
    })
    expect(runReport({ ...going, alive: false })).toMatchObject({
      run: { outcome: 'lost' },
      machines: [{ outcome: 'interrupted', why: 'stopped between two stages' }, {}],
    })
  })

  test('a failure before a stage began counts although no attempt was recorded', () => {
    const settled = [{ name: 'web01', outcome: 'failed', why: 'the hook is gone' }] as const
    const report = reportOf(['web01'], { history: [], settled })
    expect(report.machines[0]).toMatchObject({ outcome: 'failed', why: 'the hook is gone' })
    expect(report.counts.failed).toBe(1)
  })

  test('of a cutover tells what was done, without a plan to compare with', () => {
    const facts = factsOf(['web01'])
    const at = '2026-03-01T20:00:30.000Z'
    const history = [
      { at, runId: 'r1', machine: 'web01', stage: 'cutover', event: 'done', attempt: 1, seconds: 30 },
    ] as const
    const report = runReport({ ...facts, run: { ...facts.run, command: 'cutover' }, foreseen: undefined, history })
    expect(report).toMatchObject({
      predicted: null,
      waves: [],
      counts: { total: 1, successful: 1 },
      parts: [{ part: 'cutover', attempts: 1, seconds: 30 }],
      machines: [{ machine: 'web01', outcome: 'done', action: null, started_at: '2026-03-01T20:00:00.000Z' }],
    })
  })
})
