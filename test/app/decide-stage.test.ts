import { expect, test } from 'vitest'
import type { Context } from '../../src/app/context.ts'
import { decideStage, type Recorded } from '../../src/app/decide-stage.ts'
import type { Stage } from '../../src/app/stage.ts'
import type { StageRecord } from '../../src/core/record.ts'

const record: StageRecord = {
  stage: 'convert',
  status: 'done',
  attempt: 1,
  fingerprint: 'same',
  output: {},
  bytes: 0,
  bytesDone: 0,
  seconds: 1,
  tools: {},
  startedAt: '2026-01-01T00:00:00.000Z',
  runId: 'r',
}

async function decided(
  facts: Partial<{ record: StageRecord | undefined; redo: boolean; refresh: boolean }>,
  fingerprint = 'same',
) {
  const asked: string[] = []
  const stage: Pick<Stage, 'name' | 'broken'> = {
    name: 'convert',
    async broken() {
      asked.push('world')
      return 'a.qcow2 is missing'
    },
  }
  const { redo = false, refresh = true } = facts
  const recorded: Recorded = {
    record: () => ('record' in facts ? facts.record : record),
    recordedInput: () => undefined,
    redo: () => redo,
    artifacts: () => [],
    cutover: () => 'before',
    refresh,
  }
  const prepared = { input: null, fingerprint }
  const decision = await decideStage(stage as Stage, prepared, recorded, {} as Context, new AbortController().signal)
  return { decision, asked }
}

test('what was recorded and is gone runs again, and why', async () => {
  expect(await decided({})).toEqual({
    decision: { run: true, why: 'broken', reason: 'a.qcow2 is missing' },
    asked: ['world'],
  })
})

test.each<[string, Partial<{ record: StageRecord | undefined; redo: boolean; refresh: boolean }>, string?]>([
  ['there is no record', { record: undefined }],
  ['it failed', { record: { ...record, status: 'failed' } }],
  ['it is asked for', { redo: true }],
  ['its input changed', {}, 'other'],
  ['nobody wants to know', { refresh: false }],
])('the world is not looked at when %s', async (_why, facts, fingerprint) => {
  expect((await decided(facts, fingerprint)).asked).toEqual([])
})
