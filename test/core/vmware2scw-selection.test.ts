import { describe, expect, it } from 'vitest'
import { locate } from '../../src/core/language/place-issues.ts'
import { readAs } from '../../src/core/language/read-as.ts'
import { vmware2scwPlanSchema } from '../../src/core/language/vmware2scw.ts'
import { type Candidate, selectPlanned } from '../../src/core/vmware2scw-selection.ts'
import { bytes } from './layer-texts.ts'
import { planText } from './vmware2scw-plan.ts'

const read = (text: string) => readAs(vmware2scwPlanSchema, bytes(text), 'plan.yaml')

function select(text: string, machines: readonly Candidate[]) {
  const selection = selectPlanned(read(text), machines)
  if ('issues' in selection) throw new Error(selection.issues.map(({ summary }) => summary).join('\n'))
  return selection
}

const groupsOf = (text: string, machines: readonly Candidate[]) =>
  select(text, machines).groups.map(
    ({ name, machines: planned }) => `${name}: ${planned.map(({ machine }) => machine.name).join(' ')}`,
  )
const named = (...names: string[]): Candidate[] => names.map((name) => ({ name }))

const machines: readonly Candidate[] = [
  { name: 'win-ad-01', folder: '/DC1/Windows/AD' },
  { name: 'oracle-12' },
  { name: 'shop-prod-02' },
  { name: 'shop-prod-01', tags: ['nice-to-have'] },
  { name: 'shop-dev-01' },
  { name: 'shop-legacy' },
  { name: 'shop-template', folder: '/DC1/Windows' },
  { name: 'ora-7' },
  { name: 'wiki', tags: ['nice-to-have', 'internal'] },
  { name: 'unrelated', folder: '/DC2/Windows' },
  { name: 'my-ora-7' },
  { name: 'some-template' },
]

describe('a plan', () => {
  it('takes what its entries fit, in waves, by priority and as it lists them', () => {
    expect(groupsOf(planText, machines)).toEqual([
      'canary: shop-dev-01',
      'main: oracle-12 shop-prod-02 shop-prod-01',
      'windows: win-ad-01',
      'rest: ora-7 wiki',
    ])
  })

  it('tells what it leaves out, and which entries take nothing', () => {
    const { excluded, idle } = select(planText, machines)
    expect(excluded.map(({ machine, by }) => `${machine.name} ${by}`)).toEqual([
      'shop-legacy 1',
      'shop-template 0',
      'some-template 0',
    ])
    expect(idle).toEqual([])
    expect(select(planText, named('shop-dev-01')).idle).toEqual([1, 2, 3, 4])
  })

  it('gives each machine what its entry and the defaults say', () => {
    const { groups } = select(planText, machines)
    const planned = groups.flatMap((group) => group.machines)
    const of = (name: string) => planned.find(({ machine }) => machine.name === name)
    expect(of('shop-prod-01')).toEqual({
      machine: machines[3],
      entry: 1,
      priority: 3,
      zone: 'nl-ams-1',
      sizing: 'cost',
      tags: ['from-vmware', 'shop'],
      networks: { 'VM Network': 'vpc-shop', DMZ: 'vpc-dmz' },
      skipValidation: false,
    })
    expect(of('oracle-12')).toMatchObject({
      entry: 2,
      targetType: 'POP2-HM-8C-64G',
      zone: 'fr-par-2',
      sizing: 'exact',
      networks: { 'VM Network': 'vpc-a' },
    })
    expect(of('win-ad-01')).toMatchObject({ entry: 3, priority: 5, skipValidation: true })
  })

  it('says how each group ends', () => {
    const groups = select(planText, machines).groups.map(({ name, pauseAfter, maxParallel }) => [
      name,
      pauseAfter,
      maxParallel,
    ])
    expect(groups).toEqual([
      ['canary', 'pause', undefined],
      ['main', 'pause_on_failure', 2],
      ['windows', 'continue', undefined],
      ['rest', 'pause_on_failure', undefined],
    ])
  })
})

describe('which entry a machine has', () => {
  const plan = (entries: string, rest = '') => `version: 1\nmigrations: ${entries}\n${rest}`

  it.each([
    [
      'the first that fits, whatever its priority',
      '[{vm_pattern: "web-*", priority: 9}, {vm_name: web-1, priority: 1}]',
      named('web-1'),
      ['priority 9: web-1'],
    ],
    [
      'each priority is a group, the lowest first',
      '[{vm_name: a, priority: 3}, {vm_name: b, priority: 1}, {vm_name: c, priority: 3}]',
      named('a', 'b', 'c'),
      ['priority 1: b', 'priority 3: a c'],
    ],
    [
      'a regular expression from the start, not to the end',
      '[{vm_regex: "web-[0-9]"}]',
      named('web-1', 'web-12', 'my-web-1', 'web-x'),
      ['priority 5: web-1 web-12'],
    ],
    [
      'a regular expression that says both ends',
      '[{vm_regex: "^web-[0-9]$"}]',
      named('web-1', 'web-12'),
      ['priority 5: web-1'],
    ],
    ['any of several, all from the start', '[{vm_regex: "a|b"}]', named('ax', 'bx', 'xb'), ['priority 5: ax bx']],
    [
      'upper and lower case differ',
      '[{vm_name: Web}, {vm_pattern: "DB*"}]',
      named('web', 'db1', 'DB1'),
      ['priority 5: DB1'],
    ],
    [
      'a folder by how it begins',
      '[{vm_folder: /DC1/Prod}]',
      [{ name: 'a', folder: '/DC1/Production' }, { name: 'b', folder: '/DC2/DC1/Prod' }, { name: 'c' }],
      ['priority 5: a'],
    ],
    [
      'a tag as it is',
      '[{vm_tag: pro}]',
      [
        { name: 'a', tags: ['prod'] },
        { name: 'b', tags: ['x', 'pro'] },
      ],
      ['priority 5: b'],
    ],
  ])('%s', (_name, entries, candidates, expected) => {
    expect(groupsOf(plan(entries), candidates)).toEqual(expected)
  })

  it('the wave of its entry goes before the patterns of waves', () => {
    const text = plan(
      '[{vm_name: a, wave: second}, {vm_pattern: "*"}]',
      'waves: [{name: first, vms: ["*"]}, {name: second}]\n',
    )
    expect(groupsOf(text, named('a', 'b'))).toEqual(['first: b', 'second: a'])
  })

  it('the name of a wave is no more than a word when there are no waves', () => {
    expect(groupsOf(plan('[{vm_name: a, wave: canary, priority: 2}]'), named('a'))).toEqual(['priority 2: a'])
  })

  it('ten thousand machines and a hostile expression take no time', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => ({ name: `${'a'.repeat(60)}${index}!` }))
    expect(groupsOf(plan('[{vm_regex: "(a+)+$"}, {vm_regex: "(a|aa|a*)*b"}]'), many)).toEqual([])
  })
})

describe('what is wrong with a plan', () => {
  const issuesIn = (text: string) => {
    const selection = selectPlanned(read(text), [])
    if (!('issues' in selection)) throw new Error('it was taken')
    return selection.issues.map(({ path, code, summary, hint }) => {
      const { line, column } = locate(bytes(text), 'plan.yaml', path)
      return `${line}:${column} ${code} ${summary} -> ${hint}`
    })
  }
  const re2 = 'regular expressions are those of RE2: without look-around and back references'

  it.each([
    [
      'an expression that is none',
      'version: 1\nmigrations: [{vm_regex: "web-("}]\n',
      [`2:15 VALUE_INVALID vm_regex: missing closing ): \`web-(\` -> ${re2}`],
    ],
    [
      'an exclusion that is none',
      'version: 1\nmigrations: [{vm_name: a}]\nexclude: [{vm_regex: "*"}]\n',
      [`3:12 VALUE_INVALID vm_regex: missing argument to repetition operator: \`*\` -> ${re2}`],
    ],
    [
      'a back reference',
      'version: 1\nmigrations: [{vm_regex: "(a)\\\\1"}]\n',
      [`2:15 VALUE_INVALID vm_regex: invalid escape sequence: \`\\1\` -> ${re2}`],
    ],
    [
      'an expression that grows',
      'version: 1\nmigrations: [{vm_regex: "((a{100}){100}){100}"}]\n',
      [expect.stringContaining('2:15 VALUE_INVALID vm_regex: invalid repeat count')],
    ],
    [
      'a wave that is not there',
      'version: 1\nmigrations: [{vm_name: a, wave: cannary}]\nwaves: [{name: canary}]\n',
      ['2:27 WAVE_UNKNOWN there is no wave "cannary" -> did you mean "canary"?'],
    ],
    [
      'a wave twice',
      'version: 1\nmigrations: [{vm_name: a}]\nwaves: [{name: a}, {name: a}]\n',
      ['3:21 NAME_DUPLICATE two waves are called "a" -> undefined'],
    ],
  ])('%s', (_name, text, expected) => {
    expect(issuesIn(text)).toEqual(expected)
  })
})
