import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { pass, problemFrom } from '../../contract/state-world.ts'
import { secondProcess } from './second-process.ts'
import { runStart, stateFolder } from './state-folder.ts'

describe('a second process', () => {
  test('has its machines for itself while it lives; killed, it leaves them to the next', async () => {
    const { folder, open } = stateFolder()
    const second = secondProcess({ folder })
    expect(await second.tell('open')).toBe('ok ')
    expect(await second.tell('begin run-1 web01')).toBe('ok ')
    expect(await second.tell('start web01 1')).toBe('ok ')
    const store = open({ mode: 'write' })
    const locked = await problemFrom(() => store.begin(runStart('run-2'), ['web01']))
    expect(locked).toMatchObject({ code: 'LOCKED', summary: expect.stringContaining('child@here') })

    await second.kill()
    const writer = store.begin(runStart('run-2'), ['web01'])
    expect(store.machine('web01')?.stages.get('convert')?.status).toBe('started')
    expect(store.history({ limit: 9 })).toMatchObject([{ runId: 'run-1', event: 'lost', attempt: 1 }])
    await writer.end({ finishedAt: '2026-03-01T10:05:00.000Z', exitCode: 0 })
  })

  test.each([3, 40, 90])(
    'killed in the middle of its writes (%i ms in), loses none that it was told is written',
    async (milliseconds) => {
      const { folder, open } = stateFolder()
      const second = secondProcess({ folder })
      await second.tell('open')
      await second.tell('begin run-1 web01')
      let written = Number(await second.tell('rush web01'))
      const counting = (async () => {
        for (let line = await second.answer(); /^\d+$/.test(line); line = await second.answer()) written = Number(line)
      })()
      await sleep(milliseconds)
      await second.kill()
      await counting

      const store = open({ mode: 'write' })
      const attempts = store.history({ limit: 1e6 }).map(({ attempt }) => attempt)
      expect(attempts.length).toBeGreaterThanOrEqual(written)
      expect(attempts).toEqual(attempts.map((_, index) => attempts.length - index))
      expect(store.machine('web01')?.stages.get('convert')?.attempt).toBeLessThanOrEqual(attempts.length + 1)
      store.begin(runStart('run-2'), ['web01'])
    },
  )

  test('paused for longer than its lease, loses it, and what it writes after it wakes is refused', async () => {
    const { folder, open } = stateFolder()
    const second = secondProcess({ folder, leaseSeconds: 1 })
    await second.tell('open')
    await second.tell('begin run-1 web01 web02')
    const store = open({ mode: 'write' })
    // Its signs of life keep the lease for as long as it runs.
    await sleep(1300)
    expect(await problemFrom(() => store.begin(runStart('run-2'), ['web01']))).toMatchObject({ code: 'LOCKED' })

    second.signal('SIGSTOP')
    await sleep(1300)
    const writer = store.begin(runStart('run-2'), ['web01'])
    second.signal('SIGCONT')
    expect(await second.tell('start web01 7')).toMatch(
      /^LEASE_LOST run run-1 no longer holds its locks: ann@kvm1 has them/,
    )
    expect(await second.tell('start web02 7')).toMatch(/^LEASE_LOST/)
    expect(store.machines().size).toBe(0)
    await writer.end({ finishedAt: '2026-03-01T10:05:00.000Z', exitCode: 0 })
  })

  test('on other machines works at the same time', async () => {
    const { folder, open } = stateFolder()
    const second = secondProcess({ folder })
    await second.tell('open')
    const store = open()
    const writer = store.begin(runStart('run-2'), ['db01'])
    expect(await second.tell('begin run-1 web01')).toBe('ok ')
    for (const attempt of Array.from({ length: 20 }, (_, index) => index + 1)) {
      await Promise.all([second.tell(`attempt web01 ${attempt}`), pass(writer, 'db01', 'convert', { attempt })])
    }
    expect(store.history({ limit: 99 })).toHaveLength(40)
  })
})
