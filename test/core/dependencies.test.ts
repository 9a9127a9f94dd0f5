import { describe, expect, it } from 'vitest'
import { type Dependent, dependencyIssues } from '../../src/core/dependencies.ts'

const machine = (name: string, dependsOn: readonly string[] = [], wave = 0): Dependent => ({ name, dependsOn, wave })
const told = (...machines: Dependent[]) =>
  dependencyIssues(machines).map(
    ({ machine: name, path, code, summary }) => `${name} ${path.join('.')} ${code} ${summary}`,
  )

describe('dependencies between machines', () => {
  it.each<[string, Dependent[], string[]]>([
    ['in order', [machine('app', ['db']), machine('db', ['dns']), machine('dns')], []],
    [
      'by two ways to one machine',
      [machine('a', ['b', 'c']), machine('b', ['d']), machine('c', ['d']), machine('d')],
      [],
    ],
    [
      'on itself',
      [machine('a', ['a'])],
      ['a depends_on DEPENDENCY_CYCLE machines depend on each other: machine.a -> machine.a'],
    ],
    [
      'in a circle',
      [machine('app', ['db']), machine('db', ['dns']), machine('dns', ['app'])],
      [
        'app depends_on DEPENDENCY_CYCLE machines depend on each other: machine.app -> machine.db -> machine.dns -> machine.app',
      ],
    ],
    [
      'in a circle behind others',
      [machine('x', ['a']), machine('a', ['b']), machine('b', ['a'])],
      ['a depends_on DEPENDENCY_CYCLE machines depend on each other: machine.a -> machine.b -> machine.a'],
    ],
    [
      'in two circles',
      [machine('a', ['b']), machine('b', ['a']), machine('c', ['d']), machine('d', ['c'])],
      [
        'a depends_on DEPENDENCY_CYCLE machines depend on each other: machine.a -> machine.b -> machine.a',
        'c depends_on DEPENDENCY_CYCLE machines depend on each other: machine.c -> machine.d -> machine.c',
      ],
    ],
    [
      'on one that does not exist',
      [machine('app', ['db', 'db10']), machine('db01')],
      [
        'app depends_on.0 ADDRESS_UNKNOWN depends_on: there is no machine "db"',
        'app depends_on.1 ADDRESS_UNKNOWN depends_on: there is no machine "db10"',
      ],
    ],
    ['on an earlier wave', [machine('app', ['db'], 2), machine('db', [], 1)], []],
    [
      'on a later wave',
      [machine('app', ['db'], 1), machine('db', [], 2)],
      ['app depends_on.0 DEPENDENCY_CYCLE machine.app depends on machine.db, whose wave goes later'],
    ],
    [
      'on a name of every object',
      [machine('app', ['constructor'])],
      ['app depends_on.0 ADDRESS_UNKNOWN depends_on: there is no machine "constructor"'],
    ],
  ])('%s', (_name, machines, expected) => {
    expect(told(...machines)).toEqual(expected)
  })

  it('a row of fifty thousand machines, with a circle at its end', () => {
    const machines = Array.from({ length: 50_000 }, (_, index) =>
      machine(`m${index}`, [`m${Math.min(index + 1, 49_999)}`]),
    )
    expect(told(...machines)).toEqual([
      'm49999 depends_on DEPENDENCY_CYCLE machines depend on each other: machine.m49999 -> machine.m49999',
    ])
  })

  it('one machine that ten thousand miss', () => {
    const machines = Array.from({ length: 10_000 }, (_, index) => machine(`machine-${index}`, ['machine-x']))
    expect(dependencyIssues(machines)).toHaveLength(10_000)
  })
})
