import { describe, expect, test } from 'vitest'
import { doneWith, intent, pass, problemFrom, type StateWorld } from './state-world.ts'

/** Who may write, and what becomes of the locks of those who went away. */
export function locksContract(world: () => StateWorld): void {
  /** A process of its own that holds the locks of `machines`. */
  const holder = async (machines: string[], place: Parameters<StateWorld['hosts']['process']>[0] = {}) => {
    const process = world().hosts.process(place)
    const store = await world().open(process)
    const writer = store.begin(world().run({ who: `bob@${process.hostname}` }), machines)
    return { process, store, writer }
  }
  const tryBegin = async (machines: string[], place: Parameters<StateWorld['hosts']['process']>[0] = {}) => {
    const store = await world().open(world().hosts.process(place))
    return store.begin(world().run(), machines)
  }

  describe('two runs', () => {
    test('the second on a machine is told who has it, and gets none of its other locks', async () => {
      const { process, store } = await holder(['web01', 'web02'])
      const locked = await problemFrom(() => tryBegin(['db01', 'web02']))
      expect(locked).toMatchObject({ code: 'LOCKED', address: 'machine.web02' })
      expect(locked.summary).toBe(
        `machine.web02 is locked: bob@kvm1 runs "apply" on kvm1, pid ${process.pid}, since 2026-03-01T10:00:00.000Z`,
      )
      expect(locked.hint).not.toContain('unlock')
      expect(store.locks().map(({ machine }) => machine)).toEqual(['web01', 'web02'])
      expect(store.runs(9)).toHaveLength(1)
    })

    test('on disjoint machines both succeed, and the end gives locks back', async () => {
      const first = await holder(['web01'])
      const second = await holder(['db01'])
      expect(second.writer.token).toBeGreaterThan(first.writer.token)
      await Promise.all([pass(first.writer, 'web01', 'export'), pass(second.writer, 'db01', 'export')])
      await first.writer.end({ finishedAt: '2026-03-01T11:00:00.000Z', exitCode: 0 })
      expect(first.store.locks()).toMatchObject([{ machine: 'db01', who: 'bob@kvm1', pid: second.process.pid }])
      const third = await holder(['web01'])
      expect(third.writer.token).toBeGreaterThan(second.writer.token)
    })

    test('a live holder keeps its locks for a lease after its last write, whatever the clock on the wall says', async () => {
      const { writer } = await holder(['web01'])
      world().hosts.pass(25)
      await writer.started(intent('web01', 'export'))
      world().hosts.pass(25)
      for (const day of [86_400, -2 * 86_400]) {
        world().hosts.setClock(day)
        expect(await problemFrom(() => tryBegin(['web01']))).toMatchObject({ code: 'LOCKED' })
      }
    })
  })

  describe('a holder that went away', () => {
    test('when its process died, the next run takes over, with what was begun still marked so', async () => {
      const { process, store, writer } = await holder(['web01', 'web02'])
      await pass(writer, 'web01', 'export')
      await writer.started(intent('web01', 'convert', { attempt: 4 }))
      world().hosts.kill(process)
      await tryBegin(['web02'])
      expect(store.locks().map(({ machine }) => machine)).toEqual(['web02'])
      expect(store.machine('web01')?.stages.get('convert')?.status).toBe('started')
      expect(store.history({ limit: 1 })).toMatchObject([
        { machine: 'web01', stage: 'convert', event: 'lost', attempt: 4, runId: writer.runId },
      ])
      const [, lost] = store.runs(2)
      expect(lost).toMatchObject({ id: writer.runId, finishedAt: expect.any(String) })
      expect(lost).not.toHaveProperty('exitCode')
    })

    test('when its number now belongs to another process, it is dead', async () => {
      const { process } = await holder(['web01'])
      world().hosts.pass(1)
      world().hosts.process({ pid: process.pid })
      await tryBegin(['web01'])
    })

    test('when its host was booted again, it is dead', async () => {
      await holder(['web01'])
      await tryBegin(['web01'], { bootId: 'boot-2' })
    })

    test('when it was paused for longer than its lease, it loses the locks and its late writes are refused', async () => {
      const paused = await holder(['web01', 'web02'])
      await paused.writer.started(intent('web01', 'export'))
      world().hosts.pass(31)
      const next = await tryBegin(['web01'])
      await next.started(intent('web01', 'export', { attempt: 2 }))
      const before = paused.store.serial()
      const late = Promise.allSettled([
        paused.writer.done(doneWith('web01', 'export')),
        paused.writer.started(intent('web02', 'export')),
      ])
      expect((await late).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
      expect(await problemFrom(() => paused.writer.removed('/out/web01.qcow2'))).toMatchObject({
        code: 'LEASE_LOST',
      })
      const end = { finishedAt: '2026-03-01T11:00:00.000Z', exitCode: 0 }
      expect(await problemFrom(() => paused.writer.end(end))).toMatchObject({ code: 'LEASE_LOST' })
      expect(paused.store.serial()).toBe(before)
      expect(paused.store.machine('web01')?.stages.get('export')).toMatchObject({ status: 'started', attempt: 2 })
      await next.done(doneWith('web01', 'export'))
    })

    test('when it was paused but nobody took its locks, it goes on', async () => {
      const { writer } = await holder(['web01'])
      world().hosts.pass(500)
      await pass(writer, 'web01', 'export')
      expect(await problemFrom(() => tryBegin(['web01']))).toMatchObject({ code: 'LOCKED' })
    })
  })

  describe('a holder out of sight', () => {
    test('on another host is left alone for much longer than its lease', async () => {
      const { store } = await holder(['web01'], { hostname: 'kvm2', bootId: 'boot-of-kvm2' })
      world().hosts.pass(600)
      const locked = await problemFrom(() => tryBegin(['web01']))
      expect(locked).toMatchObject({ code: 'LOCKED', hint: expect.stringContaining('h2k state unlock machine.web01') })
      world().hosts.pass(3600)
      await tryBegin(['web01'])
      expect(store.locks()).toMatchObject([{ who: 'ann@kvm1' }])
    })

    test('in another container of the same host is judged by its lease, not by its process number', async () => {
      const { process } = await holder(['web01'], { pidNamespace: 'pid:[2]', pid: 1 })
      world().hosts.kill(process)
      expect(await problemFrom(() => tryBegin(['web01']))).toMatchObject({ code: 'LOCKED' })
      world().hosts.pass(31)
      await tryBegin(['web01'])
    })
  })

  describe('unlock', () => {
    test('takes one machine away; its holder goes on with the others until it writes to that one', async () => {
      const { process, store, writer } = await holder(['web01', 'web02'])
      await writer.started(intent('web02', 'export'))
      const other = await world().open()
      expect(other.unlock(['web01', 'unknown'])).toMatchObject([{ machine: 'web01', pid: process.pid }])
      await pass(writer, 'web02', 'convert')
      expect(await problemFrom(() => writer.started(intent('web01', 'export')))).toMatchObject({ code: 'LEASE_LOST' })
      expect(store.machine('web01')).toBeUndefined()
      // It cannot know what else is no longer its own.
      expect(await problemFrom(() => writer.started(intent('web02', 'export')))).toMatchObject({ code: 'LEASE_LOST' })
    })

    test('takes all, and the runs that held them are over', async () => {
      const { store, writer } = await holder(['web01', 'web02'])
      await writer.started(intent('web02', 'export'))
      expect(store.unlock()).toHaveLength(2)
      expect(store.unlock()).toEqual([])
      expect(store.runs(1)).toMatchObject([{ finishedAt: expect.any(String) }])
      expect(store.history({ limit: 9 })).toMatchObject([{ machine: 'web02', event: 'lost' }])
      expect(await problemFrom(() => writer.started(intent('web02', 'export')))).toMatchObject({ code: 'LEASE_LOST' })
      await tryBegin(['web01', 'web02'])
    })
  })
}
