import { describe, expect, it } from 'vitest'
import { type Address, addressOf, parseAddress } from '../../src/core/address.ts'
import { stageNames } from '../../src/core/stage-names.ts'
import { refusal } from '../support/refusal.ts'
import { hostileNames } from './hostile-names.ts'

it.each([
  ['machine.web01', { machine: 'web01' }],
  ['web01', { machine: 'web01' }],
  ['machine.web01/convert', { machine: 'web01', stage: 'convert' }],
  ['web01/publish', { machine: 'web01', stage: 'publish' }],
  ['machine.web-*', { machine: 'web-*' }],
  ['machine.web01.example.org', { machine: 'web01.example.org' }],
  ['machine.a\\u{2f}b/export', { machine: 'a/b', stage: 'export' }],
  ['machine.', { machine: '' }],
] satisfies [string, Address][])('reads %s', (text, address) => {
  expect(parseAddress(text)).toEqual(address)
})

it.each(['web01/convrt', 'machine.a/b', 'web01/', '/', 'web01/Convert', 'web01/constructor'])(
  'refuses the stage of %s',
  (text) => {
    const [problem] = refusal(() => parseAddress(text))
    expect(problem).toMatchObject({ code: 'USAGE', summary: expect.stringContaining('there is no stage') })
    expect(problem?.hint).toContain('preflight, export, inspect, fix, convert, validate, publish')
  },
)

describe('an address is a name that is safe to print and to give back', () => {
  it.each(hostileNames.map((name) => [JSON.stringify(name).slice(0, 60), name] as const))('%s', (_shown, name) => {
    for (const stage of [undefined, ...stageNames]) {
      const address = addressOf(name, stage)
      expect(address).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u)
      expect(parseAddress(address)).toEqual(stage ? { machine: name, stage } : { machine: name })
    }
  })
})
