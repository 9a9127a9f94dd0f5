import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { eventStream } from '../../src/cli/event-stream.ts'
import { type Display, showRun } from '../../src/cli/progress.ts'
import type { Emit, RunEvent } from '../../src/core/events.ts'
import { problem } from '../../src/core/problem.ts'
import { fakeTerminal } from './fake-terminal.ts'

const mib = 1024 ** 2
const clock = { now: () => new Date().toISOString(), seconds: () => Date.now() / 1000, newId: () => 'id' }
const convert = { machine: 'web01', stage: 'convert', attempt: 1 } as const
const runStart: RunEvent = { type: 'run_start', machines: 2, stages: 10, bytes: 1000 * mib }
const started: RunEvent = { ...convert, type: 'stage_start', bytes: 1000 * mib, why: 'not done yet' }
const summary: RunEvent = {
  type: 'summary',
  done: 2,
  failed: 0,
  unchanged: 0,
  forgotten: 0,
  destroyed: 0,
  held: 0,
  interrupted: 0,
  seconds: 12,
  bytes: 1000 * mib,
}

function moved(bytes: number): RunEvent {
  return { ...convert, type: 'stage_progress', bytes, total: 1000 * mib, rate: 50 * mib }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('on a terminal', () => {
  it('draws the run in place and leaves a summary', async () => {
    const terminal = fakeTerminal(120, 40)
    const run = showRun({ kind: 'terminal', output: terminal, clock }, async (emit) => {
      emit(runStart)
      emit(started)
      await sleep(2000)
      emit(moved(100 * mib))
      await sleep(2000)
      emit(summary)
      return 'value'
    })
    await vi.advanceTimersByTimeAsync(2500)
    expect(terminal.seen()).toEqual([
      '0/2 machines done · 100 MiB of 0.977 GiB · 50 MiB/s · ETA 18 s · elapsed 2 s',
      'machine.web01/convert  [#---------]   10 %    100 MiB of 0.977 GiB     50 MiB/s',
    ])
    await vi.advanceTimersByTimeAsync(2000)
    await expect(run).resolves.toBe('value')
    expect(terminal.seen()).toEqual(['2 machines done in 12 s, 0.977 GiB'])
  })

  it('draws at most ten times a second, and the newest state soon after the last event', async () => {
    const terminal = fakeTerminal(120, 40)
    const run = showRun({ kind: 'terminal', output: terminal, clock }, async (emit) => {
      emit(runStart)
      emit(started)
      for (let event = 1; event <= 1000; event++) {
        emit(moved(event * mib))
        await sleep(1)
      }
      await sleep(150)
    })
    await vi.advanceTimersByTimeAsync(999)
    expect(terminal.writes.length).toBeGreaterThanOrEqual(9)
    expect(terminal.writes.length).toBeLessThanOrEqual(11)
    await vi.advanceTimersByTimeAsync(120)
    expect(terminal.seen()[1]).toContain('100 %')
    await vi.advanceTimersByTimeAsync(100)
    await run
  })

  it('draws while events keep the program too busy for timers', async () => {
    const terminal = fakeTerminal(120, 40)
    await showRun({ kind: 'terminal', output: terminal, clock }, async (emit) => {
      emit(runStart)
      emit(started)
      vi.setSystemTime(500)
      emit(moved(500 * mib))
      expect(terminal.seen()[1]).toContain('50 %')
    })
  })

  it('lets the time go on when nothing happens', async () => {
    const terminal = fakeTerminal(120, 40)
    const run = showRun({ kind: 'terminal', output: terminal, clock }, async (emit) => {
      emit(runStart)
      await sleep(10_000)
    })
    await vi.advanceTimersByTimeAsync(5500)
    expect(terminal.seen()[0]).toContain('elapsed 5 s')
    await vi.advanceTimersByTimeAsync(5000)
    await run
  })

  it('never draws more than rows - 1 lines with 300 stages running, also after the terminal shrank', async () => {
    const terminal = fakeTerminal(120, 40)
    await showRun({ kind: 'terminal', output: terminal, clock }, async (emit) => {
      emit({ type: 'run_start', machines: 300, stages: 1500, bytes: 0 })
      for (let index = 0; index < 300; index++) emit({ ...started, machine: `m${index}` })
      vi.setSystemTime(200)
      emit(moved(1))
      expect(terminal.seen()).toHaveLength(39)
      expect(terminal.seen().at(-1)).toBe('… and 264 more')
      terminal.rows = 10
      vi.setSystemTime(400)
      emit(moved(2))
      expect(terminal.seen()).toHaveLength(9)
    })
  })

  it('leaves diagnostics standing above what it redraws', async () => {
    const terminal = fakeTerminal(120, 40)
    await showRun({ kind: 'terminal', output: terminal, clock }, async (emit) => {
      emit(runStart)
      const warning = { severity: 'warning', code: 'PLAN_STALE', summary: 'its source changed' } as const
      emit({ type: 'diagnostic', problem: { ...warning, address: 'machine.db01' } })
      vi.setSystemTime(500)
      emit(started)
      expect(terminal.seen()).toEqual([
        'machine.db01 warning PLAN_STALE: its source changed',
        '0/2 machines done · 0 B of 0.977 GiB · elapsed 0 s',
        'machine.web01/convert  [----------]    0 %        0 B of 0.977 GiB',
      ])
    })
    expect(terminal.seen()[0]).toBe('machine.db01 warning PLAN_STALE: its source changed')
  })

  it('prints hostile names instead of obeying them', async () => {
    const terminal = fakeTerminal(120, 40)
    await showRun({ kind: 'terminal', output: terminal, clock }, async (emit) => {
      emit(runStart)
      vi.setSystemTime(500)
      emit({ ...started, machine: 'a\n\u001b[2J\u202eb' })
      expect(terminal.seen()[1]).toMatch(/^machine\.a\\u\{a\}\\u\{1b\}\[2J\\u\{202e\}b\/convert {2}\[/)
    })
  })

  it('writes nothing when the work fails before it begins', async () => {
    const terminal = fakeTerminal(120, 40)
    const locked = problem('LOCKED', 'machine.web01 is locked')
    const run = showRun({ kind: 'terminal', output: terminal, clock }, () => Promise.reject(locked))
    await expect(run).rejects.toBe(locked)
    expect(terminal.writes).toEqual([])
  })

  it('leaves the terminal usable after an abort, and the process to its owner', async () => {
    const terminal = fakeTerminal(120, 40)
    const listeners = () => ['SIGINT', 'SIGTERM', 'exit'].map((name) => process.listenerCount(name))
    const before = { listeners: listeners(), out: process.stdout.write, err: process.stderr.write }
    const controller = new AbortController()
    const reason = problem('INTERRUPTED', 'stopped by SIGINT')
    const run = showRun({ kind: 'terminal', output: terminal, clock }, async (emit) => {
      emit(runStart)
      emit(started)
      expect({ listeners: listeners(), out: process.stdout.write, err: process.stderr.write }).toEqual(before)
      await new Promise((_, reject) => controller.signal.addEventListener('abort', () => reject(reason)))
    })
    const outcome = expect(run).rejects.toBe(reason)
    await vi.advanceTimersByTimeAsync(300)
    controller.abort()
    await outcome
    expect(terminal.seen()).toEqual(['stopped: 0/2 machines done · 0 B of 0.977 GiB · elapsed 0 s'])
    // It never hid the cursor, so there is none to bring back, whatever ends the program.
    expect(terminal.writes.join('')).not.toContain('\u001b[?25l')
    expect({ listeners: listeners(), out: process.stdout.write, err: process.stderr.write }).toEqual(before)
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('without a terminal', () => {
  it('writes one line for each transition', async () => {
    const written: string[] = []
    const output = { write: (text: string) => written.push(text) }
    const value = await showRun({ kind: 'lines', output }, async (emit) => {
      for (const event of [runStart, started, moved(1), moved(2)]) emit(event)
      emit({ ...convert, type: 'stage_done', seconds: 4, bytes: 1000 * mib, evidence: {} })
      emit(summary)
      return 7
    })
    expect(value).toBe(7)
    expect(written.join('')).toBe(
      [
        'apply: 2 machines, 10 stages, 0.977 GiB',
        'machine.web01/convert: started, 0.977 GiB to read',
        'machine.web01/convert: done in 4 s, 0.977 GiB at 250 MiB/s',
        '2 machines done in 12 s, 0.977 GiB',
        '',
      ].join('\n'),
    )
  })
})

describe('whatever the display', () => {
  const displays: Record<Display['kind'], () => Display> = {
    terminal: () => ({ kind: 'terminal', output: fakeTerminal(120, 40), clock }),
    lines: () => ({ kind: 'lines', output: fakeTerminal(120, 40) }),
    json: () => ({ kind: 'json', stream: eventStream(() => {}, clock, '0.1.0', 'run') }),
  }
  const thrown: [string, unknown][] = [
    ['an Error', new Error('a bug')],
    ['a problem', problem('TOOL_FAILED', 'qemu-img failed')],
    ['undefined', undefined],
    ['a string', 'text'],
  ]

  for (const [kind, display] of Object.entries(displays)) {
    it.each(thrown)(`passes %s on unchanged (${kind})`, async (_, error) => {
      const later = async (emit: Emit) => {
        emit(runStart)
        await Promise.resolve()
        throw error
      }
      const outcome = await showRun(display(), later).then(
        () => 'no error',
        (caught: unknown) => ({ caught }),
      )
      expect(outcome).toEqual({ caught: error })
      if (typeof outcome === 'object') expect(outcome.caught).toBe(error)
    })
  }
})
