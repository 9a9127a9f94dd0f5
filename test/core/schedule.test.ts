import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MayBegin } from '../../src/core/chain-order.ts'
import { type Chain, createSchedule, type Schedule } from '../../src/core/schedule.ts'
import { fuzzRuns } from '../support/fuzz-runs.ts'

const disk = { disk_io: 1 }
/** `preflight` is free, the others copy. */
const chain = (name: string, steps: readonly string[] = ['preflight', 'export', 'convert']): Chain<string> => ({
  name,
  steps: steps.map((step) => ({ name: step, claims: step === 'preflight' ? {} : disk })),
})
const names = (schedule: Schedule<string>) => schedule.start().map((start) => `${start.chain}/${start.step}`)

describe('what may start', () => {
  it('one step of a chain at a time, in order', () => {
    const schedule = createSchedule([chain('a')], {})
    for (const step of ['preflight', 'export', 'convert']) {
      expect(names(schedule)).toEqual([`a/${step}`])
      expect(names(schedule)).toEqual([])
      schedule.finish('a', 'done')
    }
    expect(names(schedule)).toEqual([])
  })

  it('as many as the limits allow, and no more', () => {
    const schedule = createSchedule([chain('a', ['copy']), chain('b', ['copy']), chain('c', ['copy'])], { disk_io: 2 })
    expect(names(schedule)).toEqual(['a/copy', 'b/copy'])
    schedule.finish('b', 'failed')
    expect(names(schedule)).toEqual(['c/copy'])
  })

  it('as many in all as `global` says', () => {
    const schedule = createSchedule([chain('a'), chain('b'), chain('c')], { global: 2, disk_io: 9 })
    expect(names(schedule)).toEqual(['a/preflight', 'b/preflight'])
  })

  it('chains that have begun first, so that machines end one after the other', () => {
    const schedule = createSchedule([chain('a'), chain('b'), chain('c')], { global: 1 })
    const order: string[] = []
    for (let starts = schedule.start(); starts[0]; starts = schedule.start()) {
      order.push(starts[0].chain)
      schedule.finish(starts[0].chain, 'done')
    }
    expect(order.join('')).toBe('aaabbbccc')
  })

  it('what is free, while a slot is full', () => {
    const schedule = createSchedule([chain('a', ['copy']), chain('b', ['copy']), chain('c', ['preflight'])], {
      disk_io: 1,
    })
    expect(names(schedule)).toEqual(['a/copy', 'c/preflight'])
  })

  it('a step that wants more than there is, alone', () => {
    const greedy = { name: 'a', steps: [{ name: 'copy', claims: { disk_io: 8 } }] }
    const schedule = createSchedule([greedy, chain('b', ['copy'])], { disk_io: 2 })
    expect(names(schedule)).toEqual(['a/copy'])
    schedule.finish('a', 'done')
    expect(names(schedule)).toEqual(['b/copy'])
  })

  it('nothing of a chain without steps, and nothing of none', () => {
    expect(names(createSchedule([chain('a', [])], {}))).toEqual([])
    expect(names(createSchedule([], {}))).toEqual([])
  })
})

describe('what a chain holds from its first step to its end', () => {
  const steps = ['preflight', 'copy']
  const held = (name: string) => ({ ...chain(name, steps), holds: { batch: 1 } })

  it('keeps others from beginning, also while its next step waits', () => {
    const schedule = createSchedule([held('a'), held('b'), chain('c', steps)], { batch: 1, disk_io: 1 })
    expect(names(schedule)).toEqual(['a/preflight', 'c/preflight'])
    schedule.finish('c', 'done')
    expect(names(schedule)).toEqual(['c/copy'])
    schedule.finish('a', 'done')
    expect(names(schedule)).toEqual([])
    schedule.finish('c', 'done')
    expect(names(schedule)).toEqual(['a/copy'])
    expect(schedule.whyBlocked('b')).toBe('all 1 of batch are in use')
    schedule.finish('a', 'failed')
    expect(names(schedule)).toEqual(['b/preflight'])
  })

  it('ends with it when it is closed', () => {
    const schedule = createSchedule([held('a'), held('b'), chain('c', steps)], { batch: 1 })
    schedule.start()
    schedule.close('batch')
    schedule.finish('a', 'done')
    schedule.finish('c', 'done')
    expect(names(schedule)).toEqual(['c/copy'])
  })
})

it('begins those that come first in the list first, whatever they claim', () => {
  const schedule = createSchedule([chain('a', ['copy']), chain('b', ['preflight']), chain('c', ['copy'])], {
    global: 1,
  })
  const order = [...names(schedule)]
  for (const name of ['a', 'b', 'c']) {
    schedule.finish(name, 'done')
    order.push(...names(schedule))
  }
  expect(order).toEqual(['a/copy', 'b/preflight', 'c/copy'])
})

describe('what comes after others', () => {
  const behind = (name: string, ...others: string[]) => ({ ...chain(name, ['copy']), after: others })

  it('begins when all of them are done', () => {
    const schedule = createSchedule([behind('app', 'db', 'dns'), behind('db'), behind('dns', 'elsewhere')], {})
    expect(names(schedule)).toEqual(['db/copy', 'dns/copy'])
    expect(schedule.whyBlocked('app')).toBe('waits for machine.db')
    schedule.finish('db', 'done')
    expect(names(schedule)).toEqual([])
    schedule.finish('dns', 'done')
    expect(names(schedule)).toEqual(['app/copy'])
  })

  it('never begins when one of them fails, and neither does what comes after it', () => {
    const schedule = createSchedule([behind('web', 'app'), behind('app', 'db'), behind('db'), behind('other')], {})
    schedule.start()
    schedule.finish('db', 'failed')
    expect(names(schedule)).toEqual([])
    expect([...schedule.dropped()].map(([name, { why }]) => [name, why])).toEqual([
      ['app', 'waits for machine.db, which was not done'],
      ['web', 'waits for machine.app, which was not done'],
    ])
    expect(schedule.whyBlocked('web')).toBe('waits for machine.app, which was not done')
  })

  it('in a row of ten thousand', () => {
    const row = Array.from({ length: 10_000 }, (_, index) => behind(`m${index}`, `m${index + 1}`))
    const schedule = createSchedule(row, {})
    expect(names(schedule)).toEqual(['m9999/copy'])
    schedule.finish('m9999', 'failed')
    expect(schedule.dropped().size).toBe(9999)
  })
})

describe('waves', () => {
  const of = (wave: number, name: string, ...others: string[]) => ({ ...chain(name, ['copy']), wave, after: others })
  const told: string[] = []
  const tell =
    (stops: (failed: number) => boolean): MayBegin =>
    (next, ended) => {
      told.push(`${ended ? `${ended.wave}:${ended.failed}` : ''}>${next ?? ''}`)
      return ended && stops(ended.failed) ? { by: 'wave', why: 'no' } : undefined
    }
  const run = (stops: (failed: number) => boolean) => {
    told.length = 0
    return createSchedule([of(0, 'a'), of(2, 'c'), of(1, 'b1'), of(1, 'b2', 'a')], {}, tell(stops))
  }

  it('go one after the other', () => {
    const schedule = run((failed) => failed > 0)
    expect(names(schedule)).toEqual(['a/copy'])
    expect(schedule.whyBlocked('c')).toBe('its wave has not begun')
    schedule.finish('a', 'done')
    expect(names(schedule)).toEqual(['b1/copy', 'b2/copy'])
    schedule.finish('b1', 'done')
    expect(names(schedule)).toEqual([])
    schedule.finish('b2', 'done')
    expect(names(schedule)).toEqual(['c/copy'])
    schedule.finish('c', 'done')
    expect(told).toEqual(['>0', '0:0>1', '1:0>2', '2:0>'])
  })

  it('stop after a failure', () => {
    const schedule = run((failed) => failed > 0)
    schedule.start()
    schedule.finish('a', 'failed')
    expect(names(schedule)).toEqual([])
    expect([...schedule.dropped().keys()].toSorted()).toEqual(['b1', 'b2', 'c'])
  })

  it('or go on after it, but for what depends on what failed', () => {
    const schedule = run(() => false)
    schedule.start()
    schedule.finish('a', 'failed')
    expect(names(schedule)).toEqual(['b1/copy'])
    schedule.finish('b1', 'done')
    expect(names(schedule)).toEqual(['c/copy'])
    expect(told).toEqual(['>0', '0:1>1', '1:1>2'])
  })

  it('end early, and what has begun goes on', () => {
    const schedule = createSchedule(
      ['a', 'b', 'c'].map((name) => ({ ...chain(name, ['preflight', 'copy']), wave: 0 })),
      { global: 1 },
    )
    expect(names(schedule)).toEqual(['a/preflight'])
    schedule.endWave(0, { by: 'window', why: 'closed' })
    schedule.finish('a', 'done')
    expect(names(schedule)).toEqual(['a/copy'])
    schedule.finish('a', 'done')
    expect(names(schedule)).toEqual([])
    expect([...schedule.dropped().keys()]).toEqual(['b', 'c'])
  })
})

it('ends a chain at its failure, and no other', () => {
  const schedule = createSchedule([chain('a'), chain('b')], {})
  schedule.start()
  schedule.finish('a', 'failed')
  schedule.finish('b', 'done')
  expect(names(schedule)).toEqual(['b/export'])
  expect(schedule.whyBlocked('a')).toBeUndefined()
})

it('starts nothing once it was stopped, and lets go on what runs', () => {
  const schedule = createSchedule([chain('a'), chain('b')], { global: 1 })
  expect(names(schedule)).toEqual(['a/preflight'])
  schedule.stop()
  schedule.finish('a', 'done')
  expect(names(schedule)).toEqual([])
  expect(schedule.whyBlocked('a')).toBe('h2k was told to stop')
})

it('says why a step waits', () => {
  const schedule = createSchedule([chain('a', ['copy']), chain('b', ['copy'])], { disk_io: 1 })
  expect(schedule.whyBlocked('b')).toBeUndefined()
  schedule.start()
  expect(schedule.whyBlocked('a')).toBeUndefined()
  expect(schedule.whyBlocked('b')).toBe('all 1 of disk_io are in use')
  expect(schedule.whyBlocked('nobody')).toBeUndefined()
  schedule.finish('a', 'done')
  expect(schedule.whyBlocked('b')).toBeUndefined()
})

it('does not take the end of what does not run', () => {
  const schedule = createSchedule([chain('a')], {})
  expect(() => schedule.finish('a', 'done')).toThrow('a does not run')
  expect(() => schedule.finish('b', 'done')).toThrow('b does not run')
})

it('carries 10,000 machines with five steps each', () => {
  const steps = ['preflight', 'export', 'convert', 'validate', 'publish']
  const chains = Array.from({ length: 10_000 }, (_, index) => chain(`m${index}`, steps))
  const schedule = createSchedule(chains, { disk_io: 3, global: 10 })
  const running: string[] = []
  let finished = 0
  for (;;) {
    running.push(...schedule.start().map((start) => start.chain))
    const next = running.shift()
    if (next === undefined) break
    schedule.finish(next, 'done')
    finished++
  }
  expect(finished).toBe(50_000)
})

it('never passes a limit, keeps each chain in order, and brings everything to an end', () => {
  const slots = ['disk_io', 'network', 'global'] as const
  const claims = fc.dictionary(fc.constantFrom(...slots.slice(0, 2)), fc.integer({ min: 1, max: 4 }), { maxKeys: 2 })
  const world = fc.record({
    chains: fc.array(fc.array(claims, { maxLength: 5 }), { maxLength: 12 }),
    limits: fc.record(
      {
        disk_io: fc.integer({ min: 1, max: 4 }),
        network: fc.integer({ min: 1, max: 4 }),
        global: fc.integer({ min: 1, max: 6 }),
      },
      { requiredKeys: [] },
    ),
    // Which of the running steps ends next, and whether well.
    ends: fc.infiniteStream(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 9 }))),
  })
  fc.assert(
    fc.property(world, ({ chains: given, limits, ends }) => {
      const chains = given.map((steps, index) => ({
        name: `m${index}`,
        steps: steps.map((step, place) => ({ name: String(place), claims: step })),
      }))
      const schedule = createSchedule(chains, limits)
      const running: { chain: string; claims: Readonly<Record<string, number>> }[] = []
      const next = new Map(chains.map(({ name }) => [name, 0]))
      for (;;) {
        for (const { chain: name, step } of schedule.start()) {
          expect(step, 'in order').toBe(String(next.get(name)))
          expect(
            running.some((other) => other.chain === name),
            'one at a time',
          ).toBe(false)
          const known = chains.find((one) => one.name === name)?.steps[Number(step)]
          running.push({ chain: name, claims: { global: 1, ...known?.claims } })
        }
        for (const slot of slots) {
          // A claim beyond the limit counts as the whole slot.
          const limit = limits[slot] ?? Number.POSITIVE_INFINITY
          const used = running.reduce((sum, one) => sum + Math.min(one.claims[slot] ?? 0, limit), 0)
          expect(used, slot).toBeLessThanOrEqual(limit)
        }
        if (running.length === 0) break
        const [which, luck] = ends.next().value
        const [ended] = running.splice(which % running.length, 1)
        if (!ended) break
        const outcome = luck === 0 ? 'failed' : 'done'
        schedule.finish(ended.chain, outcome)
        const steps = chains.find(({ name }) => name === ended.chain)?.steps.length ?? 0
        next.set(ended.chain, outcome === 'failed' ? steps : (next.get(ended.chain) ?? 0) + 1)
      }
      for (const { name, steps } of chains) expect(next.get(name), name).toBe(steps.length)
    }),
    { numRuns: fuzzRuns(500) },
  )
})

describe('a slot that a step keeps for the next one', () => {
  const guest = (name: string): Chain<string> => ({
    name,
    steps: [
      { name: 'inspect', claims: { guestfs: 1 }, keeps: ['guestfs'] },
      { name: 'fix', claims: { guestfs: 1 } },
      { name: 'convert', claims: disk },
    ],
  })

  it('goes to nobody else in between', () => {
    const schedule = createSchedule([guest('a'), guest('b')], { guestfs: 1 })
    expect(names(schedule)).toEqual(['a/inspect'])
    schedule.finish('a', 'done')
    expect(names(schedule)).toEqual(['a/fix'])
    schedule.finish('a', 'done')
    expect(names(schedule)).toEqual(['a/convert', 'b/inspect'])
  })

  it('is free again when the step failed', () => {
    const schedule = createSchedule([guest('a'), guest('b')], { guestfs: 1 })
    expect(names(schedule)).toEqual(['a/inspect'])
    schedule.finish('a', 'failed')
    expect(names(schedule)).toEqual(['b/inspect'])
    schedule.finish('b', 'done')
    expect(names(schedule)).toEqual(['b/fix'])
    schedule.finish('b', 'failed')
    expect(schedule.whyBlocked('b')).toBeUndefined()
  })

  it('stays taken while its chain waits for something else', () => {
    const schedule = createSchedule([guest('a'), guest('b')], { guestfs: 1, global: 1 })
    expect(names(schedule)).toEqual(['a/inspect'])
    schedule.finish('a', 'done')
    expect(schedule.whyBlocked('b')).toBe('all 1 of guestfs are in use')
  })
})
