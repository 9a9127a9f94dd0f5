import { describe, expect, it } from 'vitest'
import { type Candidate, heldBack } from '../../src/core/held.ts'
import { suspension } from '../../src/core/suspension.ts'
import type { WaveRule } from '../../src/core/waves.ts'

const work = (name: string, rest: Partial<Candidate> = {}): Candidate => ({
  name,
  works: true,
  blocked: false,
  dryRun: false,
  wave: 0,
  dependsOn: [],
  ...rest,
})
const same = (name: string, rest: Partial<Candidate> = {}) => work(name, { works: false, ...rest })
const wave = (name: string, rest: Partial<WaveRule> = {}): WaveRule => ({
  name,
  machines: [],
  pauseAfter: 'pause_on_failure',
  ...rest,
})
const asleep = { by: 'suspended', why: 'is suspended' } as const
const told = (candidates: readonly Candidate[], waves: readonly WaveRule[] = [], done: readonly string[] = []) =>
  [...heldBack(candidates, { waves, now: '2026-03-09T12:00:00Z', wasDone: (name) => done.includes(name) })].map(
    ([name, { by, why }]) => `${name} ${by}: ${why}`,
  )

describe('waits for another machine', () => {
  it.each<[string, Candidate[], string[]]>([
    ['no, it goes before', [work('app', { dependsOn: ['db'] }), work('db')], []],
    ['no, it is as git says', [work('app', { dependsOn: ['db'] }), same('db')], []],
    [
      'that is suspended, and so does who waits for that',
      [work('web', { dependsOn: ['app'] }), work('app', { dependsOn: ['db'] }), same('db', { suspended: asleep })],
      [
        'db suspended: is suspended',
        'app dependency: waits for machine.db, which is suspended',
        'web dependency: waits for machine.app, which waits itself',
      ],
    ],
    [
      'that cannot be planned',
      [work('app', { dependsOn: ['db'] }), same('db', { blocked: true })],
      ['app dependency: waits for machine.db, which cannot be planned'],
    ],
    [
      'that is a dry run',
      [work('app', { dependsOn: ['db'] }), work('db', { dryRun: true })],
      ['db dry_run: dry run: will not be applied', 'app dependency: waits for machine.db, which is a dry run'],
    ],
    [
      'that is not among those chosen',
      [work('app', { dependsOn: ['db'] })],
      ['app dependency: waits for machine.db, which is not done, and not among the machines chosen'],
    ],
    ['no, there is nothing to do', [same('app', { dependsOn: ['db'] })], []],
  ])('%s', (_name, candidates, expected) => {
    expect(told(candidates)).toEqual(expected)
  })

  it('not when the state says that it was done, also while it is suspended', () => {
    expect(
      told([work('app', { dependsOn: ['db', 'dns'] }), same('db', { suspended: asleep })], [], ['db', 'dns']),
    ).toEqual(['db suspended: is suspended'])
  })

  it('in a row of ten thousand', () => {
    const row = Array.from({ length: 10_000 }, (_, index) => work(`m${index}`, { dependsOn: [`m${index + 1}`] }))
    expect(told(row)).toHaveLength(10_000)
  })
})

describe('waits for its wave', () => {
  const waves = [wave('canary', { pauseAfter: 'pause' }), wave('production'), wave('last')]
  it.each<[string, Candidate[], string[]]>([
    [
      'after one that pauses',
      [work('a'), work('b', { wave: 1 }), work('c', { wave: 2 })],
      ['b pause: apply pauses after wave canary', 'c pause: apply pauses after wave canary'],
    ],
    ['not after one that has nothing to do', [same('a'), work('b', { wave: 1 }), work('c', { wave: 2 })], []],
    [
      'not after one of which all is suspended or a dry run',
      [same('a', { suspended: asleep }), work('d', { dryRun: true }), work('b', { wave: 1 })],
      ['a suspended: is suspended', 'd dry_run: dry run: will not be applied'],
    ],
    [
      'after one of which a machine cannot be planned',
      [same('a', { blocked: true }), work('b', { wave: 1 })],
      ['b wave: wave canary goes first, and machine.a of it cannot be planned'],
    ],
    [
      'after one of which a machine waits',
      [work('b', { wave: 1, dependsOn: ['x'] }), work('c', { wave: 2 })],
      [
        'b dependency: waits for machine.x, which is not done, and not among the machines chosen',
        'c wave: wave production goes first, and machine.b of it waits',
      ],
    ],
  ])('%s', (_name, candidates, expected) => {
    expect(told(candidates, waves)).toEqual(expected)
  })

  it('while its window is closed, and so do those after it unless they need not', () => {
    const window = { days: ['sat'], from: 0, to: 0, timeZone: 'UTC' } as const
    const machines = [work('a'), work('b', { wave: 1 })]
    const closed = 'wave night waits for its window, which opens sat 2026-03-14 00:00 UTC'
    expect(told(machines, [wave('night', { window }), wave('day')])).toEqual([
      `a window: ${closed}`,
      'b wave: wave night goes first, and machine.a of it waits',
    ])
    expect(told(machines, [wave('night', { window, pauseAfter: 'continue' }), wave('day')])).toEqual([
      `a window: ${closed}`,
    ])
  })
})

describe('a suspension', () => {
  const at = '2026-05-01T00:00:00.000Z'
  it.each<[string, object, string | undefined]>([
    ['without end', {}, 'is suspended'],
    ['with a reason', { why: 'the owner\nis away' }, 'is suspended (the owner\\u{a}is away)'],
    ['until later', { until: '2026-05-02', why: 'audit' }, 'is suspended until 2026-05-02 (audit)'],
    ['until today is over', { until: '2026-05-01' }, undefined],
    ['until an hour in its own zone', { until: '2026-05-01T01:59:00+02:00' }, undefined],
    [
      'until a later hour in its own zone',
      { until: '2026-05-01T02:01:00+02:00' },
      'is suspended until 2026-05-01T02:01:00+02:00',
    ],
  ])('%s', (_name, suspend, expected) => {
    expect(suspension({ suspend }, at)?.why).toBe(expected)
  })

  it('is none without the key', () => {
    expect(suspension({}, at)).toBeUndefined()
  })
})
