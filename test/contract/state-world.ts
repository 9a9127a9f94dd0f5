import { afterEach, beforeEach } from 'vitest'
import type { Json } from '../../src/core/json.ts'
import { ProblemError } from '../../src/core/problem.ts'
import type { StageName } from '../../src/core/stage-names.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { Intent, RunStart, StateStore, StateWriter } from '../../src/ports/state.ts'
import { type FakeHosts, type FakeProcess, fakeHosts } from './fake-hosts.ts'

/** One empty state of the adapter under test. */
export interface StateUnderTest {
  /** Opens it, as `process`, for writing. */
  open(process: FakeProcess, clock: Clock): Promise<StateStore>
  remove(): Promise<void>
}

/** A state, hosts to open it from, and a hand for what tests do again and again. */
export interface StateWorld {
  readonly hosts: FakeHosts
  open(process?: FakeProcess): Promise<StateStore>
  /** A run's beginning; each has its own id. */
  run(over?: Partial<RunStart>): RunStart
}

/** Gives each test of the suite around it a world of its own. */
export function stateWorld(make: () => Promise<StateUnderTest>): () => StateWorld {
  let world: StateWorld
  let stores: StateStore[] = []
  let state: StateUnderTest
  beforeEach(async () => {
    state = await make()
    const hosts = fakeHosts()
    world = {
      hosts,
      async open(process = hosts.process()) {
        const store = await state.open(process, hosts.clock)
        stores.push(store)
        return store
      },
      run: (over = {}) => ({
        id: hosts.clock.newId(),
        command: 'apply',
        who: 'ann@kvm1',
        version: '0.1.0',
        startedAt: hosts.clock.now(),
        ...over,
      }),
    }
  })
  afterEach(async () => {
    for (const store of stores) store.close()
    stores = []
    await state.remove()
  })
  return () => world
}

/** An attempt at a stage of a machine. */
export function intent(machine: string, stage: StageName, over: Partial<Intent> = {}): Intent {
  const input: Json = { disks: ['a.vmdk'] }
  const startedAt = '2026-03-01T10:00:00.000Z'
  return {
    machine,
    file: `${machine}.yaml`,
    onRemove: 'forget',
    stage,
    attempt: 1,
    fingerprint: 'f1',
    input,
    bytes: 1000,
    startedAt,
    ...over,
  }
}

/** A stage begun and ended well. */
export async function pass(writer: StateWriter, machine: string, stage: StageName, over: Partial<Intent> = {}) {
  await writer.started(intent(machine, stage, over))
  await writer.done(doneWith(machine, stage))
}

export function doneWith(machine: string, stage: StageName, output: Json = { path: `/out/${machine}/${stage}` }) {
  return {
    machine,
    stage,
    finishedAt: '2026-03-01T10:05:00.000Z',
    seconds: 300,
    output,
    tools: { 'qemu-img': '7.2.22' },
  }
}

/** The problem that `work` fails with. */
export async function problemFrom(work: () => unknown) {
  try {
    await work()
  } catch (error) {
    if (error instanceof ProblemError && error.problems[0] !== undefined) return error.problems[0]
    throw error
  }
  throw new Error('expected a problem, but it went well')
}
