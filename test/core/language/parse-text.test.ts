import { describe, expect, it } from 'vitest'
import { parseText } from '../../../src/core/language/parse-text.ts'
import { refusal, refusalLines } from '../../support/refusal.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const yaml = (text: string) => parseText(bytes(text), 'web.yaml')
const json = (text: string) => parseText(bytes(text), 'web.json')

describe('what is accepted', () => {
  it.each([
    ['YAML', 'vm: {cpu: 2}\ndisks:\n  - id: a\n', { vm: { cpu: 2 }, disks: [{ id: 'a' }] }],
    ['a byte order mark', '\ufeffvm: 1\n', { vm: 1 }],
    ['CRLF', 'a: 1\r\nb: 2\r\n', { a: 1, b: 2 }],
    ['comments and nothing else', '# nothing yet\n', null],
    [
      'anchors',
      'x-nic: &nic {model: virtio}\nnics: [*nic, *nic]\n',
      { 'x-nic': { model: 'virtio' }, nics: [{ model: 'virtio' }, { model: 'virtio' }] },
    ],
    ['tabs inside a value', 'a: "one\ttwo" \t# three\n', { a: 'one\ttwo' }],
    ['what YAML 1.1 took for true and false', 'a: no\nb: off\nc: y\n', { a: 'no', b: 'off', c: 'y' }],
    ['digits as keys', 'networks: {100: br0}\n', { networks: { '100': 'br0' } }],
    ['a constructor', 'constructor: 1\nmetadata: {toString: 2}\n', { constructor: 1, metadata: { toString: 2 } }],
    ['brackets in a block of text', `notes:\n  - |\n${'    [[[{{{\n'.repeat(40)}`, { notes: ['[[[{{{\n'.repeat(40)] }],
  ])('%s', (_name, text, value) => {
    expect(yaml(text)).toEqual(value)
  })

  it('JSON, also with a byte order mark', () => {
    expect(json('\ufeff{"a": [1, -2.5e3, true, null, "\\u00e9\\n"]}\n')).toEqual({ a: [1, -2500, true, null, 'é\n'] })
  })

  it.each([
    ['0777', '0777'],
    ['-012', '-012'],
    ['00', '00'],
    ['0', 0],
    ['-7', -7],
    ['0o17', 15],
    ['0x1f', 31],
    ['1.50', 1.5],
    ['0.5', 0.5],
    ['1e3', 1000],
  ])('a number only without leading zeros: %s', (text, value) => {
    expect(yaml(`a: ${text}`)).toEqual({ a: value })
  })
})

describe('what is refused, with line and column', () => {
  it.each([
    ['a tab for indentation', 'vm:\n\tcpu: 2\n', ['web.yaml:2:1 SYNTAX Tabs are not allowed as indentation']],
    ['a quote that does not end', 'a: 1\nb: "x\n', ['web.yaml:3:1 SYNTAX Missing closing "quote']],
    ['a bracket that does not end', 'a: [1, 2\nb: 3\n', ['web.yaml:2:1']],
    ['a key twice', 'a: 1\nb: 2\na: 3\n', ['web.yaml:3:1 SYNTAX the key "a" is there twice']],
    [
      'keys twice, all of them',
      'vm: {cpu: 1, cpu: 2}\nx:\n  - {a: 1, "a": 2}\n',
      ['web.yaml:1:14 SYNTAX the key "cpu" is there twice', 'web.yaml:3:12 SYNTAX the key "a" is there twice'],
    ],
    ['__proto__', 'vm:\n  __proto__: {cpu: 2}\n', ['web.yaml:2:3 KEY_UNKNOWN no key may be called "__proto__"']],
    ['__proto__ in JSON style', '{"__proto__": 1}', ['web.yaml:1:2 KEY_UNKNOWN no key may be called "__proto__"']],
    [
      'a second document',
      'a: 1\n---\nb: 2\n',
      ['web.yaml:2:1 SYNTAX a second document begins here: one file is one document'],
    ],
    ['a list as key', '? [a]\n: 1\n', ['web.yaml:1:3 SYNTAX a key has to be text']],
    ['a type of its own', 'a: !!binary aGk=\n', ['web.yaml:1:4 SYNTAX Unresolved tag: tag:yaml.org,2002:binary']],
    ['an alias of nothing', 'a: *b\n', ['web.yaml:1:4 SYNTAX no anchor "b" comes before this']],
    ['an alias of what follows', 'a: *b\nb: &b 1\n', ['web.yaml:1:4 SYNTAX no anchor "b" comes before this']],
    [
      'an alias of itself',
      'a: &a\n  b: [1, *a]\n',
      ['web.yaml:2:10 SYNTAX its aliases expand to too much, or to themselves'],
    ],
  ])('YAML: %s', (_name, text, lines) => {
    const found = refusalLines(() => yaml(text))
    expect(found).toHaveLength(lines.length)
    for (const [index, line] of lines.entries()) expect(found[index]).toContain(line)
  })

  it.each([
    ['a comment', '{\n  # the web server\n  "a": 1\n}', 'web.json:2:3 SYNTAX JSON has no comments'],
    ['a comment at the end of a line', '{\n  "a": 1 # one\n}', 'web.json:2:10 SYNTAX JSON has no comments'],
    ['a comment as in C', '{"a": 1, // one\n}', 'web.json:1:10 SYNTAX JSON has no comments'],
    ['a comma too many in a map', '{\n  "a": 1,\n}', 'web.json:3:1 SYNTAX JSON has no comma after the last member'],
    ['a comma too many in a list', '[1, 2, ]', 'web.json:1:8 SYNTAX JSON has no comma after the last member'],
    ['a comma that is missing', '{"a": 1\n "b": 2}', 'web.json:2:2 SYNTAX not JSON: ", or }" belongs here'],
    ['a colon that is missing', '{"a" 1}', 'web.json:1:6 SYNTAX not JSON: ":" belongs here'],
    ['a key without quotes', '{a: 1}', 'web.json:1:2 SYNTAX a key belongs here, in double quotes'],
    ['single quotes', "{'a': 1}", 'web.json:1:2 SYNTAX JSON has text in double quotes only'],
    ['a text over two lines', '{"a": "b\nc"}', 'web.json:1:7 SYNTAX this text does not end in its line'],
    ['a wrong escape', '["\\x41"]', 'web.json:1:2 SYNTAX this text does not end in its line, or has a "\\" that JSON'],
    ['a number with leading zeros', '{"a": 007}', 'web.json:1:7 SYNTAX not JSON: "value" belongs here'],
    ['half a number', '[1.]', 'web.json:1:2 SYNTAX not JSON: "value or ]" belongs here'],
    ['a word', '{"a": yes}', 'web.json:1:7 SYNTAX not JSON: "value" belongs here'],
    ['a key twice', '{"a": 1,\n "\\u0061": 2}', 'web.json:2:2 SYNTAX the key "a" is there twice'],
    ['__proto__', '{"vm": {"__proto__": 1}}', 'web.json:1:9 KEY_UNKNOWN no key may be called "__proto__"'],
    ['an end too early', '{"a": [1\n', 'web.json:2:1 SYNTAX the text ends too early'],
    ['nothing', '', 'web.json:1:1 SYNTAX the text ends too early'],
    ['something behind', '{} []', 'web.json:1:4 SYNTAX something follows the end of the JSON value'],
    ['YAML', 'a: 1\n', 'web.json:1:1 SYNTAX'],
    ['the wrong bracket', '{"a": [1}]', 'web.json:1:9 SYNTAX'],
  ])('JSON: %s', (_name, text, line) => {
    expect(refusalLines(() => json(text))).toEqual([expect.stringContaining(line)])
  })

  it('says what to do about a comment in JSON', () => {
    expect(refusal(() => json('# x\n{}'))[0]?.hint).toBe('remove it, or save the file as YAML')
  })

  it.each([
    ['Latin-1', Uint8Array.of(...bytes('a: 1\nb: caf'), 0xe9, 0x0a), 2, 7],
    ['UTF-16 with its mark', Uint8Array.of(0xff, 0xfe, 0x61, 0, 0x3a, 0), 1, 1],
    ['UTF-16 without one', Uint8Array.of(...[...'a: 1\n'].flatMap((c) => [c.charCodeAt(0), 0])), 1, 2],
    ['half a character at the end', bytes('a: é').subarray(0, 4), 1, 4],
    ['no text at all', Uint8Array.from({ length: 4096 }, (_, index) => (index * 151) % 256), 1, undefined],
  ])('%s', (_name, content, line, column) => {
    const [problem] = refusal(() => parseText(content, 'web.yaml'))
    expect(problem).toMatchObject({ code: 'ENCODING', hint: 'save it as UTF-8', at: { file: 'web.yaml', line } })
    if (column !== undefined) expect(problem?.at?.column).toBe(column)
  })
})

describe('what would take for ever, or all memory', () => {
  const depth = 10_000
  it.each([
    ['lists in flow', '['.repeat(depth)],
    ['lists in flow, closed', '['.repeat(depth) + ']'.repeat(depth)],
    ['maps in flow', '{a: '.repeat(depth)],
    ['lists in one line', `${'- '.repeat(depth)}a`],
    ['keys in one line', '? '.repeat(depth)],
    ['indentation', Array.from({ length: 900 }, (_, level) => `${' '.repeat(level)}a:\n`).join('')],
    ['lists in a value', `notes: ${'['.repeat(depth)}`],
  ])('depth: %s', (_name, text) => {
    expect(refusalLines(() => yaml(text))).toEqual([
      expect.stringMatching(/^web\.yaml:\d+:\d+ SYNTAX nested more than 100 levels deep$/),
    ])
  })

  it('says where it gets too deep', () => {
    expect(refusalLines(() => yaml(`a: 1\nb: ${'['.repeat(200)}`))).toEqual([
      'web.yaml:2:104 SYNTAX nested more than 100 levels deep',
    ])
    expect(refusalLines(() => json(`{"b":\n${'['.repeat(200)}`))).toEqual([
      'web.json:2:100 SYNTAX nested more than 100 levels deep',
    ])
  })

  it('takes what is as deep as anything gets', () => {
    expect(yaml('['.repeat(90) + ']'.repeat(90))).toHaveLength(1)
    expect(json('['.repeat(90) + ']'.repeat(90))).toHaveLength(1)
  })

  it.each([
    [
      'a billion laughs',
      `a: &a [x, x]\n${[...'bcdefghijklmnopqrstuvwxyz'].map((c, i) => `${c}: &${c} [${`*${String.fromCharCode(97 + i)}, `.repeat(9)}]\n`).join('')}`,
    ],
    ['a long text, many times', `a: &a ${'x'.repeat(200_000)}\nb: [${'*a, '.repeat(900)}]\n`],
    ['many aliases', `a: &a 1\nb: [${'*a, '.repeat(20_000)}]\n`],
    ['many anchors', `a: [${Array.from({ length: 20_000 }, (_, index) => `&n${index} 1, *n${index}`).join(', ')}]\n`],
  ])('aliases: %s', (_name, text) => {
    const problems = refusal(() => yaml(text))
    expect(problems.map(({ code }) => code)).toContain('SYNTAX')
    expect(problems[0]?.at?.column).toBeGreaterThan(0)
  })

  it('a file of 100 MB', () => {
    const [problem] = refusal(() => parseText(new Uint8Array(100 * 1024 * 1024), 'web.yaml'))
    expect(problem).toMatchObject({ code: 'FILE_TOO_LARGE', at: { file: 'web.yaml' } })
  })

  it('text that never ends, in JSON', () => {
    expect(refusalLines(() => json(`["${'x'.repeat(500_000)}`))).toEqual([
      expect.stringContaining('web.json:1:2 SYNTAX'),
    ])
  })
})
