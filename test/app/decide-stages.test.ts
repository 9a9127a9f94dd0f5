import { describe, expect, it } from 'vitest'
import type { Context } from '../../src/app/context.ts'
import type { Recorded } from '../../src/app/decide-stage.ts'
import { decideStages, readAgain } from '../../src/app/decide-stages.ts'
import type { Stage, Subject } from '../../src/app/stage.ts'
import type { StageRecord } from '../../src/core/record.ts'
import type { StageName } from '../../src/core/stage-names.ts'

const context = {} as Context
const subject = { machine: { name: 'web01' } } as Subject

interface World {
  /** Stages whose input is another one than was recorded. */
  readonly changed?: readonly StageName[]
  /** Stages that left something which is gone. */
  readonly gone?: readonly StageName[]
  readonly unrecorded?: readonly StageName[]
  readonly refresh?: boolean
}

const graph: readonly (readonly [StageName, after: readonly StageName[], reads: readonly StageName[]])[] = [
  ['export', [], []],
  ['inspect', ['export'], []],
  ['fix', ['inspect'], []],
  ['convert', ['export', 'fix'], ['fix']],
  ['validate', ['convert'], ['fix']],
  ['publish', ['convert', 'validate'], []],
]

function world({ changed = [], gone = [], unrecorded = [], refresh = true }: World) {
  const stages = graph.map(
    ([name, after, reads]) =>
      ({
        name,
        after,
        reads: () => reads,
        prepare: () => ({ input: null, fingerprint: changed.includes(name) ? 'new' : 'old', bytes: 0 }),
        broken: async () => undefined,
        gone: () => gone.includes(name),
      }) as unknown as Stage,
  )
  const recorded: Recorded = {
    record: (stage) =>
      unrecorded.includes(stage)
        ? undefined
        : ({ stage, status: 'done', fingerprint: 'old', output: {} } as unknown as StageRecord),
    recordedInput: () => null,
    redo: () => false,
    artifacts: () => [],
    cutover: () => 'before',
    refresh,
  }
  return { stages, recorded }
}

async function running(given: World): Promise<readonly string[]> {
  const { stages, recorded } = world(given)
  const decided = await decideStages(stages, subject, {}, recorded, context, new AbortController().signal)
  return decided.flatMap(({ stage, decision }) => {
    if (!decision.run) return []
    return [`${stage.name}: ${decision.why}${'stage' in decision ? ` ${decision.stage}` : ''}`]
  })
}

describe('a stage whose files are only kept for later ones', () => {
  it('does not run again because they are gone', async () => {
    expect(await running({ gone: ['fix'] })).toEqual([])
    expect(await running({ gone: ['fix'], changed: ['publish'] })).toEqual(['publish: changed'])
  })

  it('runs again when a stage runs that reads them', async () => {
    expect(await running({ gone: ['fix'], changed: ['convert'] })).toEqual([
      'fix: needed convert',
      'convert: upstream fix',
      'validate: upstream convert',
      'publish: upstream convert',
    ])
  })

  it('takes with it what was made of the earlier ones', async () => {
    expect((await running({ gone: ['fix'], changed: ['validate'] })).slice(0, 2)).toEqual([
      'fix: needed validate',
      'convert: upstream fix',
    ])
  })

  it('runs for a stage that never ran, or comes after one that runs', async () => {
    expect((await running({ gone: ['fix'], unrecorded: ['convert', 'validate', 'publish'] }))[0]).toBe(
      'fix: needed convert',
    )
    expect((await running({ gone: ['fix'], changed: ['export'] })).slice(0, 3)).toEqual([
      'export: changed',
      'inspect: upstream export',
      'fix: upstream inspect',
    ])
  })

  it('is not needed while they are there, nor looked for without a refresh', async () => {
    expect((await running({ changed: ['convert'] }))[0]).toBe('convert: changed')
    expect((await running({ gone: ['fix'], changed: ['convert'], refresh: false }))[0]).toBe('convert: changed')
  })
})

describe('in the middle of a run', () => {
  const again = (given: World) => {
    const { stages, recorded } = world(given)
    const [, , fix] = stages
    if (!fix) throw new Error('no fix')
    return readAgain(fix, stages, subject, {}, recorded, context, new AbortController().signal)
  }

  it('it is looked ahead', async () => {
    expect(await again({ gone: ['fix'] })).toEqual({ run: false })
    expect(await again({ changed: ['convert'] })).toEqual({ run: false })
    expect(await again({ gone: ['fix'], changed: ['convert'] })).toEqual({ run: true, why: 'needed', stage: 'convert' })
  })
})
