import { expect, test } from 'vitest'
import type { Context } from '../../src/app/context.ts'
import { type Runner, runMachines } from '../../src/app/run-machines.ts'
import type { Run } from '../../src/app/run-stage.ts'
import type { Stage, Subject } from '../../src/app/stage.ts'
import { waveGate } from '../../src/app/wave-gate.ts'
import type { RunEvent } from '../../src/core/events.ts'
import { problem } from '../../src/core/problem.ts'

const clock = { now: () => '2026-03-01T00:00:00.000Z', seconds: () => 0, newId: () => 'run' }
const quiet = () => Promise.resolve()

/** A machine with one stage, which does this. */
function runner(name: string, prepare: () => void, work: () => Promise<null> = () => Promise.resolve(null)): Runner {
  const stage: Stage = {
    name: 'preflight',
    after: [],
    tools: [],
    included: () => true,
    claims: () => ({}),
    keeps: () => [],
    reads: () => [],
    gone: () => false,
    gate: false,
    describe: () => '',
    prepare() {
      prepare()
      return { input: null, fingerprint: 'f', bytes: 0, run: work }
    },
    broken: async () => undefined,
  }
  const machine = { name, file: `${name}.yaml`, hooks: {}, dependsOn: [], steering: { onRemove: 'forget' } }
  return { subject: { machine } as unknown as Subject, graph: [stage], wave: 0 }
}

function run(runners: readonly Runner[], writer: object = {}) {
  const events: RunEvent[] = []
  const context = {
    clock,
    concurrency: { global: 1 },
    log: () => undefined,
    workDirectory: '/w',
    guests: { close: quiet },
  } as unknown as Context
  const state = { machine: () => undefined, recordedInput: () => undefined, artifacts: () => [] }
  const done = runMachines(
    runners,
    waveGate([], new Map(), clock, (event) => events.push(event)),
    quiet,
    {
      context,
      state,
      writer: { runId: 'run', started: quiet, done: quiet, failed: quiet, ...writer },
      emit: (event: RunEvent) => events.push(event),
      signal: new AbortController().signal,
      redo: [],
      reached: () => undefined,
      stagesOf: () => [],
    } as unknown as Run,
  )
  return { done, events }
}

const bug = () => {
  throw new TypeError('x is not a function')
}

test('a bug in one machine, before or in its stage, stops no other', async () => {
  const { done, events } = run([
    runner('a', bug),
    runner(
      'b',
      () => undefined,
      async () => bug(),
    ),
    runner('c', () => undefined),
  ])
  const { done: ended, failed, problems } = await done
  expect({ ended, failed }).toEqual({ ended: ['c'], failed: ['a', 'b'] })
  expect(problems).toMatchObject([
    { code: 'BUG', summary: 'TypeError: x is not a function', address: 'machine.a/preflight' },
    { code: 'BUG', summary: 'TypeError: x is not a function', address: 'machine.b/preflight' },
  ])
  expect(events.filter(({ type }) => type === 'stage_failed')).toHaveLength(2)
})

test('a state that cannot be written stops all', async () => {
  const lost = problem('LEASE_LOST', 'somebody else has the locks')
  const { done } = run([runner('a', () => undefined), runner('b', () => undefined)], {
    started: () => Promise.reject(lost),
  })
  await expect(done).rejects.toBe(lost)
})
