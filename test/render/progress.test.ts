import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../src/core/events.ts'
import { createProgressModel } from '../../src/render/progress-model.ts'
import { progressScreen, progressSummary } from '../../src/render/progress-screen.ts'
import { widthOf } from '../../src/render/width.ts'

const mib = 1024 ** 2
const gib = 1024 ** 3

const runStart = (machines: number, bytes = 0): RunEvent => ({
  type: 'run_start',
  machines,
  stages: machines * 5,
  bytes,
})
const start = (machine: string, bytes: number, stage: 'preflight' | 'convert' | 'publish' = 'convert'): RunEvent => ({
  type: 'stage_start',
  machine,
  stage,
  attempt: 1,
  bytes,
  why: 'not done yet',
})
const moved = (machine: string, bytes: number, total: number, rate: number): RunEvent => ({
  type: 'stage_progress',
  machine,
  stage: 'convert',
  attempt: 1,
  bytes,
  total,
  rate,
  eta: (total - bytes) / rate,
})
const done = (machine: string, bytes: number, stage: 'convert' | 'publish' = 'convert'): RunEvent => ({
  type: 'stage_done',
  machine,
  stage,
  attempt: 1,
  seconds: 1,
  bytes,
  evidence: null,
})
const failure = (machine: string, interrupted = false): RunEvent => ({
  type: 'stage_failed',
  machine,
  stage: 'convert',
  attempt: 1,
  seconds: 3,
  interrupted,
  retryable: true,
  problems: [{ severity: 'error', code: 'TOOL_FAILED', summary: `qemu-img: no space left for ${machine}` }],
})

function modelAfter(events: readonly (readonly [atSeconds: number, event: RunEvent])[]) {
  const model = createProgressModel()
  for (const [at, event] of events) model.take(event, at)
  return model
}

describe('the model', () => {
  it('counts machines by how they stand', () => {
    const model = modelAfter([
      [0, runStart(6)],
      [0, start('running', 0)],
      [0, start('done', 0, 'publish')],
      [0, done('done', 0, 'publish')],
      [0, { type: 'stage_skipped', machine: 'unchanged', stage: 'publish', why: 'unchanged' }],
      [0, start('failed', 0)],
      [0, failure('failed')],
      [0, start('stopped', 0)],
      [0, failure('stopped', true)],
    ])
    expect(model.view(1).machines).toEqual({ total: 6, done: 2, failed: 1, interrupted: 1, running: 1, left: 1 })
  })

  it('takes the bytes of a failed stage back', () => {
    const model = modelAfter([
      [0, runStart(2, 4 * gib)],
      [0, start('a', 2 * gib)],
      [0, start('b', 2 * gib)],
      [5, moved('a', gib, 2 * gib, 1)],
      [6, moved('b', gib, 2 * gib, 1)],
      [7, failure('a')],
      [8, done('b', 2 * gib)],
    ])
    expect(model.view(10).bytes).toEqual({ done: 2 * gib, total: 4 * gib })
    // Three GiB went through the machine in ten seconds, whatever they were good for.
    expect(model.view(10).rate).toBe((3 * gib) / 10)
  })

  it('does not claim more than everything when the plan estimated too little', () => {
    const model = modelAfter([
      [0, runStart(1, gib)],
      [0, start('a', 40 * gib)],
      [1, moved('a', 10 * gib, 40 * gib, 1)],
    ])
    expect(model.view(1).bytes).toEqual({ done: 10 * gib, total: 40 * gib })
  })

  it('tells the rate of the last half minute, and the time left by it', () => {
    const model = createProgressModel()
    model.take(runStart(1, 1000 * mib), 100)
    model.take(start('a', 1000 * mib), 100)
    expect(model.view(100.5)).not.toHaveProperty('rate')
    for (let second = 1; second <= 60; second++) {
      const bytes = second <= 20 ? second * mib : 20 * mib + (second - 20) * 10 * mib
      model.take(moved('a', bytes, 1000 * mib, 0), 100 + second)
    }
    const view = model.view(160)
    expect(view.rate).toBe(10 * mib)
    expect(view.eta).toBe(58)
    expect(view.elapsed).toBe(60)
    // Nothing moves any more: the rate fades, and nobody knows how long it takes.
    expect(model.view(400).rate).toBe(0)
    expect(model.view(400)).not.toHaveProperty('eta')
  })

  it('keeps the newest failures and counts the others', () => {
    const model = modelAfter(Array.from({ length: 12 }, (_, index) => [0, failure(`m${index}`)] as const))
    const { failures, earlierFailures } = model.view(1)
    expect(failures.map(({ machine }) => machine)).toEqual(['m7', 'm8', 'm9', 'm10', 'm11'])
    expect(earlierFailures).toBe(7)
  })

  it('leaves interrupted stages out of the failures', () => {
    expect(modelAfter([[0, failure('a', true)]]).view(1).failures).toEqual([])
  })

  it('takes 50,000 events of 1,000 running machines', () => {
    const model = createProgressModel()
    for (let machine = 0; machine < 1000; machine++) model.take(start(`m${machine}`, 50), 0)
    for (let event = 0; event < 50_000; event++) model.take(moved(`m${event % 1000}`, event / 1000, 50, 1), event / 100)
    expect(model.view(500).active).toHaveLength(1000)
  })
})

describe('the screen', () => {
  const busy = modelAfter([
    [0, runStart(4, 12 * gib)],
    [0, start('web01', 3 * gib)],
    [0, start('database-primary-01', 8 * gib)],
    [4, start('app01', 0, 'preflight')],
    [8, start('app02', 0)],
    [9, failure('app02')],
    [10, moved('web01', 1.5 * gib, 3 * gib, 150 * mib)],
    [10, moved('database-primary-01', 100 * mib, 8 * gib, 10 * mib)],
  ]).view(10)

  it('shows totals, what runs, and what failed', () => {
    expect(progressScreen(busy, { columns: 120, rows: 24 })).toEqual([
      '0/4 machines done, 1 failed · 1.6 GiB of 12 GiB · 164 MiB/s · ETA 1 min 5 s · elapsed 10 s',
      'machine.web01/convert                [#####-----]   50 %        1.5 GiB of 3 GiB    150 MiB/s         ETA 10 s',
      'machine.database-primary-01/convert  [----------]    1 %        100 MiB of 8 GiB     10 MiB/s  ETA 13 min 29 s',
      'machine.app01/preflight              6 s',
      'machine.app02/convert: FAILED after 3 s: TOOL_FAILED qemu-img: no space left for app02',
    ])
  })

  it('drops the bar and cuts names, never stages, on a narrow terminal', () => {
    expect(progressScreen(busy, { columns: 80, rows: 24 })).toEqual([
      '0/4 machines done, 1 failed · 1.6 GiB of 12 GiB · 164 MiB/s · ETA 1 min 5 s · e…',
      'machine.web01/convert           50 %      of 3 GiB    150 MiB/s         ETA 10 s',
      'machine.database-pri…/convert    1 %      of 8 GiB     10 MiB/s  ETA 13 min 29 s',
      'machine.app01/preflight        6 s',
      'machine.app02/convert: FAILED after 3 s: TOOL_FAILED qemu-img: no space left fo…',
    ])
  })

  it('says how many it has no room for', () => {
    expect(progressScreen(busy, { columns: 50, rows: 5 })).toEqual([
      '0/4 machines done, 1 failed · 1.6 GiB of 12 GiB ·…',
      'machine.web01/convert   50 %',
      '… and 2 more',
      'machine.app02/convert: FAILED after 3 s: TOOL_FAI…',
    ])
  })

  it.each([
    [120, 40],
    [80, 24],
    [40, 10],
    [20, 3],
    [10, 2],
    [1, 1],
  ])('fits 300 running and 12 failed machines into %d x %d', (columns, rows) => {
    const model = createProgressModel()
    model.take(runStart(1000, 1000 * gib), 0)
    for (let index = 0; index < 300; index++) {
      const name = index % 3 === 0 ? `仮想機械-${'長'.repeat(30)}-${index}` : `machine🚀\n\u001b[2J-${index}`
      model.take(start(name, gib), 0)
      model.take(moved(name, gib / 2, gib, mib), 3)
    }
    for (let index = 0; index < 12; index++) model.take(failure(`broken${index}`), 4)
    const lines = progressScreen(model.view(5), { columns, rows })
    expect(lines.length).toBeLessThanOrEqual(rows - 1)
    for (const line of lines) {
      expect(widthOf(line), line).toBeLessThanOrEqual(columns)
      expect(line).not.toMatch(/[\u0000-\u001f]/)
    }
    if (rows > 3) expect(lines.some((line) => /^… and \d+ more$/.test(line))).toBe(true)
  })

  it('leaves a summary behind', () => {
    const model = modelAfter(Array.from({ length: 6 }, (_, index) => [0, failure(`m${index}`)] as const))
    model.take(
      {
        type: 'summary',
        done: 2,
        failed: 6,
        unchanged: 0,
        forgotten: 0,
        destroyed: 0,
        held: 0,
        interrupted: 0,
        seconds: 62,
        bytes: gib,
      },
      62,
    )
    expect(progressSummary(model.view(62))).toEqual([
      '2 machines done, 6 failed in 1 min 2 s, 1 GiB',
      '… 1 failed before these:',
      ...[1, 2, 3, 4, 5].map(
        (index) => `machine.m${index}/convert: FAILED after 3 s: TOOL_FAILED qemu-img: no space left for m${index}`,
      ),
    ])
  })

  it('says that the run stopped when it ended without its own summary, and nothing when it did not begin', () => {
    expect(progressSummary(modelAfter([[0, runStart(3)]]).view(2))).toEqual([
      'stopped: 0/3 machines done · elapsed 2 s',
    ])
    expect(progressSummary(createProgressModel().view(2))).toEqual([])
    const midway = modelAfter([
      [0, runStart(1, gib)],
      [0, start('a', gib)],
      [2, moved('a', gib / 2, gib, 1)],
    ]).view(2)
    expect(midway.eta).toBe(2)
    expect(progressSummary(midway)).toEqual(['stopped: 0/1 machines done · 512 MiB of 1 GiB · 256 MiB/s · elapsed 2 s'])
  })
})
