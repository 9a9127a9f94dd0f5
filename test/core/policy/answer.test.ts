import { describe, expect, it } from 'vitest'
import { readAnswer } from '../../../src/core/policy/answer.ts'

const read = (exitCode: number, output: unknown, stderr = '', action: 'warn' | 'deny' = 'deny') => {
  const stdout = typeof output === 'string' ? output : JSON.stringify(output)
  return readAnswer({ exitCode, stdout, stderr }, action)
}
const opa = (value: unknown) => ({
  result: [{ expressions: [{ value, text: 'data.h2k.deny', location: { row: 1, col: 1 } }] }],
})

describe('a program of one’s own', () => {
  it('allows with 0 and denies with 1, a finding a line', () => {
    expect(read(0, '')).toEqual([])
    expect(read(0, [])).toEqual([])
    expect(read(1, 'no BIOS\n\nno raw\n')).toEqual([
      { action: 'deny', evidence: 'no BIOS' },
      { action: 'deny', evidence: 'no raw' },
    ])
    expect(read(1, '', 'see log')).toEqual([{ action: 'deny', evidence: 'see log' }])
    expect(read(1, '')).toEqual([{ action: 'deny', evidence: 'it exited with 1 and said nothing' }])
  })

  it('names machine and field', () => {
    expect(read(0, [{ msg: 'x\u001b[2J', machine: 'machine.web01', field: 'vm.cpu', severity: 'warn' }])).toEqual([
      { action: 'warn', machine: 'web01', field: 'vm.cpu', evidence: 'x\\u{1b}[2J' },
    ])
    expect(read(0, ['x'], '', 'warn')).toEqual([{ action: 'warn', evidence: 'x' }])
  })

  it.each([
    ['a failure of its own', 2, '', 'broken'],
    ['the end by a signal', 137, '', ''],
    ['a chatty success', 0, 'all is well', ''],
    ['half a JSON', 0, '[{"msg": "a"', ''],
    ['a list of numbers', 0, '[1]', ''],
  ])('allows nothing by %s', (_name, exitCode, stdout, stderr) => {
    expect(read(exitCode, stdout, stderr)).toHaveProperty('fault')
  })
})

describe('opa eval --format json', () => {
  it('gives a set of texts or maps', () => {
    expect(read(0, opa([]))).toEqual([])
    expect(read(0, opa(['no BIOS', { msg: 'no raw', machine: 'db01' }]))).toEqual([
      { action: 'deny', evidence: 'no BIOS' },
      { action: 'deny', machine: 'db01', evidence: 'no raw' },
    ])
    expect(read(1, opa(['with --fail-defined']))).toHaveLength(1)
  })

  it('gives true or false', () => {
    expect(read(0, opa(true))).toEqual([])
    expect(read(0, opa(false))).toEqual([{ action: 'deny', evidence: 'data.h2k.deny is false' }])
  })

  it('is a fault where the rule is not there, or wrong', () => {
    expect(read(0, {})).toEqual({ fault: 'its query is undefined: is there such a rule?' })
    expect(read(0, { result: [] })).toHaveProperty('fault')
    expect(read(2, { errors: [{ message: 'rego_parse_error' }] })).toEqual({
      fault: expect.stringContaining('rego_parse_error'),
    })
    expect(read(0, opa({ deny: [] }))).toHaveProperty('fault')
  })
})

describe('conftest test --output json', () => {
  const file = (rest: object) => [{ filename: '', namespace: 'main', successes: 1, ...rest }]

  it('gives failures and warnings', () => {
    expect(read(0, file({}))).toEqual([])
    const both = file({
      failures: [{ msg: 'no BIOS', metadata: { machine: 'web01', query: 'data.main.deny' } }],
      warnings: [{ msg: 'old' }],
    })
    expect(read(1, both)).toEqual([
      { action: 'deny', machine: 'web01', evidence: 'no BIOS' },
      { action: 'warn', evidence: 'old' },
    ])
    expect(read(2, both), '--fail-on-warn').toHaveLength(2)
  })
})
