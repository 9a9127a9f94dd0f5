import { describe, expect, it } from 'vitest'
import { createJsonSchemas } from '../../../src/adapters/json-schema/json-schemas.ts'
import { problemsOf } from '../../../src/core/problem.ts'

const compile = (schema: unknown, file = 'policy/ours.json') => {
  const text = typeof schema === 'string' ? schema : JSON.stringify(schema, null, 1)
  return createJsonSchemas().compile(new TextEncoder().encode(text), file)
}

function refusal(work: () => unknown): readonly string[] {
  try {
    work()
  } catch (error) {
    const problems = problemsOf(error)
    if (!problems) throw error
    return problems.map(({ code, summary, at }) => `${at?.line}:${at?.column} ${code} ${summary}`)
  }
  return []
}

const machine = {
  source: { provider: 'ova', vm_name: 'web 1' },
  disks: [{ id: 'boot' }, { id: 'data' }],
  'a/b~c': 1,
}

describe('finds what a schema denies, at the path of the value', () => {
  it.each([
    [{ required: ['target'] }, 'target', 'target must be there'],
    [{ properties: { source: { required: ['path'] } } }, 'source.path', 'source.path must be there'],
    [
      { properties: { source: { properties: { provider: { const: 'ovf', description: 'no archives' } } } } },
      'source.provider',
      'source.provider must be "ovf": no archives',
    ],
    [
      { properties: { disks: { items: { properties: { id: { enum: ['boot'] } } } } } },
      'disks.1.id',
      'disks[1].id must be one of ["boot"]',
    ],
    [
      { properties: { source: { properties: { vm_name: { pattern: '^[a-z0-9-]+$' } } } } },
      'source.vm_name',
      'source.vm_name must match pattern "^[a-z0-9-]+$"',
    ],
    [{ properties: { disks: { maxItems: 1 } } }, 'disks', 'disks must NOT have more than 1 items'],
    [{ patternProperties: { '^a/': false } }, 'a/b~c', 'a/b~c must not be there'],
    ['{"if": {"required": ["disks"]}, "then": {"required": ["nics"]}}', 'nics', 'nics must be there'],
  ])('%j', (schema, path, summary) => {
    const [finding, ...more] = compile(schema)(machine)
    expect(more).toEqual([])
    expect(finding).toMatchObject({ code: 'POLICY_DENIED', summary })
    expect(finding?.path.join('.')).toBe(path)
    expect(finding?.hint).toMatch(/^the rule is in policy\/ours.json at #/)
  })

  it('and nothing in what fits', () => {
    expect(compile({ $schema: 'http://json-schema.org/draft-07/schema#', required: ['disks'] })(machine)).toEqual([])
    expect(compile('required: [disks]\n', 'ours.yaml')(machine)).toEqual([])
  })
})

describe('refuses a schema, and says where', () => {
  it.each([
    ['that is no map', '[1]', ['1:1 VALUE_INVALID a schema must be a map']],
    ['of an unknown draft', { $schema: 'http://x/' }, ['2:2 VALUE_INVALID this draft is not known']],
    ['that is none', { required: 'a' }, ['2:2 VALUE_INVALID no JSON Schema: must be array']],
    ['with a misspelt keyword', { requird: ['a'] }, ['1:1 VALUE_INVALID strict mode: unknown keyword: "requird"']],
    [
      'with a format, which nothing would look at',
      { format: 'date' },
      ['1:1 VALUE_INVALID unknown format "date" ignored in schema at path "#"'],
    ],
    [
      'that looks elsewhere',
      { properties: { a: { $ref: 'https://example.com/b.json' } } },
      ['4:4 VALUE_INVALID refers to https://example.com/b.json: only what is in this file is looked at'],
    ],
    [
      'that looks into another file',
      { properties: { a: { $ref: 'b.json#/x' } } },
      ['4:4 VALUE_INVALID refers to b.json#/x: only what is in this file is looked at'],
    ],
    [
      'with a pattern that RE2 does not have',
      { properties: { a: { pattern: '(?=b)' } }, patternProperties: { '(a)\\1': true } },
      [
        '4:4 VALUE_INVALID the pattern "(?=b)": invalid or unsupported Perl syntax: `(?=`',
        '8:3 VALUE_INVALID the pattern "(a)\\1": invalid escape sequence: `\\1`',
      ],
    ],
    ['that is too large', `{"const": "${'x'.repeat(600_000)}"}`, [expect.stringContaining('FILE_TOO_LARGE')]],
  ])('%s', (_name, schema, problems) => {
    expect(refusal(() => compile(schema))).toEqual(problems)
  })
})

describe('comes to an end', () => {
  it('with a pattern that makes others take forever', () => {
    const check = compile({ properties: { name: { pattern: '^(a+)+$' } } })
    expect(check({ name: `${'a'.repeat(10_000)}!` })).toHaveLength(1)
  })

  it('with a schema that refers to itself', () => {
    expect(refusal(() => compile({ $ref: '#' })({}))).toEqual(['1:1 VALUE_INVALID this schema comes to no end'])
  })

  it('with branches that double forty times', () => {
    const $defs = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => {
        const next = index === 39 ? { const: 0 } : { $ref: `#/$defs/d${index + 1}` }
        return [`d${index}`, { anyOf: [next, { allOf: [next] }] }]
      }),
    )
    expect(refusal(() => compile({ $ref: '#/$defs/d0', $defs }))).toEqual([
      '1:1 VALUE_INVALID this schema is too large',
    ])
  })

  it('with one that doubles at each level of the value', () => {
    const twice = { allOf: [{ $ref: '#' }, { allOf: [{ $ref: '#' }] }] }
    const deep = (levels: number): object => (levels === 0 ? { a: 1 } : { a: deep(levels - 1) })
    expect(refusal(() => compile({ additionalProperties: twice, minProperties: 2 })(deep(40)))).toEqual([
      '1:1 VALUE_INVALID this schema comes to no end',
    ])
  })
})
