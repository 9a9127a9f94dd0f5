import { describe, expect, test } from 'vitest'
import type { StateStore } from '../../src/ports/state.ts'
import { doneWith, intent, pass, problemFrom, type StateWorld } from './state-world.ts'

/** What is written is what is read. */
export function recordsContract(world: () => StateWorld): void {
  const begin = async (...machines: string[]) => {
    const store = await world().open()
    return { store, writer: store.begin(world().run(), machines) }
  }

  describe('stages', () => {
    test('a new state is empty and has a lineage', async () => {
      const store = await world().open()
      expect(store.lineage).toMatch(/^[0-9a-f-]{36}$/)
      expect([store.serial(), store.machines().size, store.runs(9), store.locks()]).toEqual([0, 0, [], []])
      expect((await world().open()).lineage).toBe(store.lineage)
    })

    test('an attempt is written before it acts, with its input beside it', async () => {
      const { store, writer } = await begin('web01')
      await writer.started(intent('web01', 'convert', { attempt: 2, input: { level: 6 } }))
      writer.progressed('web01', 'convert', 250)
      await pass(writer, 'web01', 'export')
      const web01 = store.machine('web01')
      expect(web01?.file).toBe('web01.yaml')
      expect(web01?.stages.get('convert')).toEqual({
        stage: 'convert',
        status: 'started',
        attempt: 2,
        fingerprint: 'f1',
        bytes: 1000,
        bytesDone: 250,
        seconds: 0,
        tools: {},
        startedAt: '2026-03-01T10:00:00.000Z',
        runId: writer.runId,
      })
      expect(store.recordedInput('web01', 'convert')).toEqual({ level: 6 })
      expect(store.recordedInput('web01', 'publish')).toBeUndefined()
    })

    test('a done attempt has its output, a failed one its message, a new one neither', async () => {
      const { store, writer } = await begin('web01')
      await pass(writer, 'web01', 'export')
      expect(store.machine('web01')?.stages.get('export')).toMatchObject({
        status: 'done',
        output: { path: '/out/web01/export' },
        bytesDone: 1000,
        seconds: 300,
        tools: { 'qemu-img': '7.2.22' },
        finishedAt: '2026-03-01T10:05:00.000Z',
      })
      await writer.started(intent('web01', 'export', { attempt: 2 }))
      writer.progressed('web01', 'export', 610)
      const { output, tools, ...outcome } = doneWith('web01', 'export')
      await writer.failed({ ...outcome, status: 'failed', message: 'no space left on device' })
      const failed = store.machine('web01')?.stages.get('export')
      expect(failed).toMatchObject({ status: 'failed', message: 'no space left on device', bytesDone: 610, attempt: 2 })
      expect(failed).not.toHaveProperty('output')
      await writer.started(intent('web01', 'export', { attempt: 3 }))
      expect(store.machine('web01')?.stages.get('export')).not.toHaveProperty('message')
    })

    test('machines come by name and stages in the order in which they run', async () => {
      const { store, writer } = await begin('web02', 'db01')
      await pass(writer, 'web02', 'validate')
      await pass(writer, 'web02', 'preflight')
      await pass(writer, 'db01', 'export')
      expect([...store.machines().keys()]).toEqual(['db01', 'web02'])
      expect([...(store.machines().get('web02')?.stages.keys() ?? [])]).toEqual(['preflight', 'validate'])
    })

    test('are as this one and others last recorded them, however often they are asked for', async () => {
      const { store, writer } = await begin('web01')
      const other = await world().open()
      const standing = (one: StateStore) => one.machines().get('web01')?.stages.get('export')?.status
      await writer.started(intent('web01', 'export'))
      expect([standing(store), standing(other)]).toEqual(['started', 'started'])
      await writer.done(doneWith('web01', 'export'))
      expect([standing(store), standing(other)]).toEqual(['done', 'done'])
      store.machines().clear()
      expect(standing(store)).toBe('done')
    })

    test('any text and any JSON comes back as it was', async () => {
      const name = `a'"; DROP TABLE stages; --\n\u{1f600}`
      const output = { "it's": [null, true, 1.5, 2 ** 52, 'ü\u0000\u2028', { deep: [] }] }
      const { store, writer } = await begin(name)
      await writer.started(intent(name, 'export'))
      await writer.done(doneWith(name, 'export', output))
      expect(store.machines().get(name)?.stages.get('export')?.output).toEqual(output)
    })
  })

  describe('serial', () => {
    test('grows once with each flush; a machine keeps that of its last change', async () => {
      const { store, writer } = await begin('web01', 'db01')
      const before = store.serial()
      await Promise.all([writer.started(intent('web01', 'export')), writer.started(intent('db01', 'export'))])
      expect(store.serial()).toBe(before + 1)
      await writer.done(doneWith('db01', 'export'))
      expect(store.serial()).toBe(before + 2)
      expect([store.machine('web01')?.serial, store.machine('db01')?.serial]).toEqual([before + 1, before + 2])
      const seen = store.serial()
      store.machines()
      expect(store.serial()).toBe(seen)
    })

    test('stays while a stage only tells how far it is', async () => {
      const { store, writer } = await begin('web01')
      await writer.started(intent('web01', 'export'))
      const before = store.serial()
      writer.progressed('web01', 'export', 77)
      await new Promise((settle) => setTimeout(settle, 20))
      expect(store.machine('web01')?.stages.get('export')?.bytesDone).toBe(77)
      expect(store.serial()).toBe(before)
    })

    test('an attempt ends once, and by the run that began it', async () => {
      const { store, writer } = await begin('web01')
      await pass(writer, 'web01', 'export')
      await expect(writer.done(doneWith('web01', 'export', 'again'))).rejects.toThrow('was not started by run')
      await writer.started(intent('web01', 'convert'))
      await writer.end({ finishedAt: '2026-03-01T11:00:00.000Z', exitCode: 143 })
      const next = store.begin(world().run(), ['web01'])
      await expect(next.done(doneWith('web01', 'convert'))).rejects.toThrow('was not started by run')
      expect(store.machine('web01')?.stages.get('export')?.output).toEqual({ path: '/out/web01/export' })
      expect(store.history({ limit: 9 })).toHaveLength(1)
    })

    test('a write that does not fit what is recorded fails alone', async () => {
      const { store, writer } = await begin('web01')
      const written = await Promise.allSettled([
        writer.started(intent('web01', 'export')),
        writer.done(doneWith('web01', 'convert')),
        writer.started(intent('other', 'export')),
        writer.made('/never/intended', null),
        writer.progressed('web01', 'export', 10),
      ])
      expect(written.map(({ status }) => status)).toEqual([
        'fulfilled',
        'rejected',
        'rejected',
        'rejected',
        'fulfilled',
      ])
      expect(store.machine('web01')?.stages.get('export')?.bytesDone).toBe(10)
      expect(store.machine('other')).toBeUndefined()
    })
  })

  describe('history', () => {
    test('has every ended attempt, newest first', async () => {
      const { store, writer } = await begin('web01', 'db01')
      await writer.started(intent('web01', 'export'))
      await writer.failed({ ...doneWith('web01', 'export'), status: 'interrupted', message: 'stopped' })
      await pass(writer, 'web01', 'export', { attempt: 2 })
      await pass(writer, 'db01', 'export')
      const events = store.history({ limit: 9 }).map(({ machine, event, attempt }) => [machine, event, attempt])
      expect(events).toEqual([
        ['db01', 'done', 1],
        ['web01', 'done', 2],
        ['web01', 'interrupted', 1],
      ])
      expect(store.history({ machine: 'web01', limit: 1 })).toEqual([
        {
          at: '2026-03-01T10:05:00.000Z',
          runId: writer.runId,
          machine: 'web01',
          stage: 'export',
          event: 'done',
          attempt: 2,
          bytes: 1000,
          seconds: 300,
        },
      ])
    })

    test('a machine keeps all but its name when it is renamed, and leaves nothing but history when it is dropped', async () => {
      const { store, writer } = await begin('a', 'b')
      await pass(writer, 'a', 'export')
      await writer.intend({ path: '/out/a', machine: 'a', stage: 'convert', fingerprint: 'f' })
      await writer.rename('a', 'b', '2026-03-01T11:00:00.000Z')
      expect(store.machine('a')).toBeUndefined()
      expect(store.machine('b')?.stages.get('export')).toMatchObject({
        status: 'done',
        output: { path: '/out/a/export' },
      })
      expect(store.artifacts('b').map(({ path }) => path)).toEqual(['/out/a'])
      expect(store.machines().get('b')?.madeAs).toBe('a')
      await writer.drop('b', '2026-03-01T12:00:00.000Z')
      expect([...store.machines({ forgotten: true }).keys()]).toEqual([])
      expect(store.artifact('/out/a')).toBeUndefined()
      expect(store.history({ limit: 9 }).map(({ machine, event, message }) => [machine, event, message])).toEqual([
        ['b', 'removed', undefined],
        ['b', 'renamed', 'was machine.a'],
        ['a', 'renamed', 'is machine.b now'],
        ['a', 'done', undefined],
      ])
      await expect(writer.rename('a', 'b', '2026-03-01T13:00:00.000Z')).rejects.toThrow('no machine a')
    })

    test('a machine that was there before is recorded whole, in one step', async () => {
      const { store, writer } = await begin('a')
      const before = store.serial()
      const stage = { fingerprint: 'f', input: { of: 1 }, output: { made: 2 } }
      await writer.adopt({
        machine: 'a',
        file: 'a.yaml',
        onRemove: 'destroy',
        madeAs: 'b',
        domainUuid: 'u',
        stages: [
          { ...stage, stage: 'convert' },
          { ...stage, stage: 'cutover' },
        ],
        artifacts: [{ path: '/out/a', stage: 'convert', fingerprint: 'f', evidence: [3] }],
        at: '2026-03-01T11:00:00.000Z',
      })
      expect(store.serial()).toBe(before + 1)
      const record = store.machine('a')
      expect(record).toMatchObject({ file: 'a.yaml', onRemove: 'destroy', madeAs: 'b', domainUuid: 'u' })
      expect(record?.stages.get('convert')).toMatchObject({ status: 'done', attempt: 1, output: { made: 2 } })
      expect(record?.deeds.get('cutover')).toMatchObject({ status: 'done', runId: writer.runId })
      expect(store.recordedInput('a', 'convert')).toEqual({ of: 1 })
      expect(store.artifacts('a')).toEqual([
        { path: '/out/a', machine: 'a', stage: 'convert', fingerprint: 'f', status: 'made', evidence: [3] },
      ])
      expect(store.history({ limit: 9 }).map(({ machine, event }) => [machine, event])).toEqual([['a', 'imported']])
      await expect(
        writer.adopt({ ...stage, machine: 'other', file: '', onRemove: 'forget', stages: [], artifacts: [], at: '' }),
      ).rejects.toThrow('did not begin with')
    })

    test('keeps what was foreseen of a run, and tells its own history apart', async () => {
      const store = await world().open()
      const writer = store.begin(world().run(), ['a'])
      const foreseen = { readBytes: 1, writeBytes: 2, unchanged: 3, waves: [], machines: [] }
      const settled = [{ name: 'b', outcome: 'held', why: 'it waits' }] as const
      await writer.foresee(foreseen)
      await pass(writer, 'a', 'export')
      await writer.settle(settled)
      await writer.end({ finishedAt: '2026-03-01T10:05:00.000Z', exitCode: 7 })
      const next = store.begin(world().run(), ['a'])
      await pass(next, 'a', 'convert')
      expect(store.foreseen(writer.runId)).toEqual(foreseen)
      expect(store.settled(writer.runId)).toEqual(settled)
      expect([store.foreseen(next.runId), store.settled(next.runId)]).toEqual([undefined, []])
      expect(store.run(writer.runId)).toMatchObject({ id: writer.runId, exitCode: 7 })
      expect(store.run('none')).toBeUndefined()
      const told = ({ run }: { readonly run: string }) =>
        store.history({ machine: 'a', run, limit: 9 }).map(({ stage }) => stage)
      expect([told({ run: writer.runId }), told({ run: next.runId })]).toEqual([['export'], ['convert']])
    })

    test('measures the newest done attempts that moved bytes', async () => {
      const { store, writer } = await begin('a', 'b', 'c', 'd')
      await pass(writer, 'a', 'convert', { bytes: 100 })
      await pass(writer, 'b', 'convert', { bytes: 0 })
      await pass(writer, 'c', 'convert', { bytes: 300 })
      await pass(writer, 'd', 'export', { bytes: 400 })
      expect(store.measurements('convert', 9).map(({ bytes }) => bytes)).toEqual([300, 100])
      expect(store.measurements('convert', 1)).toEqual([{ bytes: 300, seconds: 300 }])
      expect(store.durations('convert', 9)).toEqual([300, 300, 300])
      expect([store.durations('convert', 1), store.durations('inspect', 9)]).toEqual([[300], []])
    })

    test('a forgotten machine is out of sight until it is started again', async () => {
      const { store, writer } = await begin('old01')
      await pass(writer, 'old01', 'export')
      await writer.forget('old01', '2026-03-02T00:00:00.000Z')
      expect(store.machines().has('old01')).toBe(false)
      expect(store.machines({ forgotten: true }).get('old01')?.forgottenAt).toBe('2026-03-02T00:00:00.000Z')
      expect(store.machine('old01')?.forgottenAt).toBe('2026-03-02T00:00:00.000Z')
      expect(store.history({ limit: 1 })).toMatchObject([{ machine: 'old01', event: 'forgotten' }])
      expect(store.history({ limit: 1 })[0]).not.toHaveProperty('message')
      await writer.started(intent('old01', 'convert'))
      expect([...(store.machines().get('old01')?.stages.keys() ?? [])]).toEqual(['export', 'convert'])
    })
  })

  test('what becomes of a machine that leaves git is as git last said it', async () => {
    const { store, writer } = await begin('web01', 'other')
    await pass(writer, 'web01', 'export')
    expect(store.machine('web01')?.onRemove).toBe('forget')
    await writer.onRemove('web01', 'destroy')
    expect(store.machines().get('web01')?.onRemove).toBe('destroy')
    await pass(writer, 'web01', 'convert', { onRemove: 'forget' })
    expect(store.machine('web01')?.onRemove).toBe('forget')
    await expect(writer.onRemove('other', 'destroy')).rejects.toThrow('the state has no machine other')
    await writer.forget('web01', '2026-03-02T00:00:00.000Z', 'removed 2 files')
    expect(store.history({ limit: 1 })).toMatchObject([{ event: 'forgotten', message: 'removed 2 files' }])
  })

  test('what a machine has is asked for at any time, and is what was written last, by whoever', async () => {
    const { store, writer } = await begin('a', 'b')
    const told = (state: StateStore, machine: string) =>
      state.artifacts(machine).map(({ path, status }) => `${path} ${status}`)
    const of = (path: string) => ({ path, machine: 'a', stage: 'convert', fingerprint: 'f' }) as const
    expect([told(store, 'a'), store.machine('a')]).toEqual([[], undefined])
    await writer.intend(of('/out/1'))
    expect(told(store, 'a')).toEqual(['/out/1 intended'])
    await Promise.all([writer.made('/out/1', 1), writer.intend(of('/out/2'))])
    expect(told(store, 'a')).toEqual(['/out/1 made', '/out/2 intended'])
    await writer.removed('/out/2')
    expect([told(store, 'a'), told(store, 'b')]).toEqual([['/out/1 made'], []])
    await writer.started(intent('a', 'convert'))
    expect(store.machine('a')?.stages.get('convert')?.status).toBe('started')
    await pass(writer, 'a', 'convert')
    expect(store.machine('a')?.stages.get('convert')?.status).toBe('done')
    await writer.rename('a', 'b', '2026-03-01T11:00:00.000Z')
    expect([store.machine('a'), store.machine('b')?.madeAs]).toEqual([undefined, 'a'])
    expect([told(store, 'a'), told(store, 'b')]).toEqual([[], ['/out/1 made']])
    await writer.end({ finishedAt: '2026-03-01T10:05:00.000Z', exitCode: 0 })
    const other = await world().open()
    const last = other.begin(world().run(), ['b'])
    await last.removed('/out/1')
    await last.end({ finishedAt: '2026-03-01T10:06:00.000Z', exitCode: 0 })
    const again = store.begin(world().run(), ['a', 'b'])
    expect(told(store, 'b')).toEqual([])
    await again.intend({ ...of('/out/3'), machine: 'b' })
    expect([told(store, 'a'), told(store, 'b')]).toEqual([[], ['/out/3 intended']])
    await again.intend(of('/out/3'))
    expect([told(store, 'a'), told(store, 'b')]).toEqual([['/out/3 intended'], []])
  })

  test('an artifact is known before it is made, and until it is removed', async () => {
    const { store, writer } = await begin('web01')
    const artifact = { path: '/out/web01.qcow2', machine: 'web01', stage: 'convert', fingerprint: 'f1' } as const
    await writer.intend(artifact)
    expect(store.artifact(artifact.path)).toEqual({ ...artifact, status: 'intended' })
    await writer.made(artifact.path, { bytes: 5 })
    expect(store.artifacts('web01')).toEqual([{ ...artifact, status: 'made', evidence: { bytes: 5 } }])
    await writer.intend({ ...artifact, fingerprint: 'f2' })
    expect(store.artifact(artifact.path)).toEqual({ ...artifact, fingerprint: 'f2', status: 'intended' })
    for (const path of ['/out/web01.qcow2/x', '/out', '/outside', '/out0']) await writer.intend({ ...artifact, path })
    expect(store.artifactsIn('/out/').map(({ path }) => path)).toEqual(['/out/web01.qcow2', '/out/web01.qcow2/x'])
    await writer.removed(artifact.path)
    expect(store.artifact(artifact.path)).toBeUndefined()
    await writer.removed(artifact.path)
  })

  test('a run has its beginning and its end, and a plan is applied by one run only', async () => {
    const store = await world().open()
    const run = world().run({ commit: 'abc123' })
    const writer = store.begin(run, ['web01'])
    expect(store.runs(1)).toEqual([{ ...run, pid: expect.any(Number) }])
    await writer.usePlan('plan-1')
    await writer.end({ finishedAt: '2026-03-01T11:00:00.000Z', exitCode: 3 })
    expect(store.planUse('plan-1')).toMatchObject({ id: run.id, finishedAt: '2026-03-01T11:00:00.000Z', exitCode: 3 })
    expect(store.planUse('plan-2')).toBeUndefined()
    const second = store.begin(world().run(), ['db01'])
    const used = await problemFrom(() => second.usePlan('plan-1'))
    expect(used).toMatchObject({ code: 'PLAN_USED', detail: expect.stringContaining(run.id) })
    expect(store.runs(9)).toHaveLength(2)
    await expect(writer.started(intent('web01', 'export'))).rejects.toThrow('has ended')
  })
}
