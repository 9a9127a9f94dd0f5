import { describe, expect, it } from 'vitest'
import { contextShape, type HookContext } from '../../src/core/hook-context.ts'
import { problemsOf } from '../../src/core/problem.ts'
import { checkCondition, checkTemplate, conditionHolds, renderDeep, renderTemplate } from '../../src/core/template.ts'

const hostile = 'web {{ os }} {% if %} "x" \'y\' $(id) `id` \\ é 漢字 \u{1f600}\n../a?b=c#d@e'
const disks = ['boot', 'data'].flatMap((id, index) =>
  contextShape.disks.map((disk) => ({ ...disk, id, bytes: 5 + 2 * index })),
)
const context: HookContext = { ...contextShape, vm_name: hostile, os: 'windows2019', disks }

function refusal(act: () => unknown) {
  try {
    return act()
  } catch (thrown) {
    const problems = problemsOf(thrown)
    if (problems === undefined) throw thrown
    return problems.map(({ code, summary, hint }) => `${code}: ${summary}${hint ? ` / ${hint}` : ''}`)
  }
}
const render = (text: string) => refusal(() => renderTemplate(text, context, 'here'))

describe('values', () => {
  it('are data, whatever they look like', () => {
    expect(render('<{{ vm_name }}>')).toBe(`<${hostile}>`)
    expect(render('{% assign name = vm_name %}{{ name }}{{ vm_name | append: vm_name }}')).toBe(hostile.repeat(3))
  })

  it('are encoded in a URL, so that they stay within their part of it', () => {
    const text = renderTemplate('https://hooks.lab/vm/{{ vm_name }}?n={{ disks.size }}', context, 'here', 'url')
    const url = new URL(text)
    expect([url.host, url.search, url.hash]).toEqual(['hooks.lab', '?n=2', ''])
    expect(decodeURIComponent(url.pathname)).toBe(`/vm/${hostile}`)
  })

  it('that their author encodes are not encoded twice', () => {
    expect(renderTemplate('https://a/?{{ "a b" | url_encode }}', context, 'here', 'url')).toBe('https://a/?a+b')
  })

  it('may be lists, through loops and filters', () => {
    expect(render('{% for d in disks %}{{ forloop.index }}={{ d.id }} {% endfor %}')).toBe('1=boot 2=data ')
    expect(render('{{ disks | map: "id" | join: "," }} {{ disks[1].bytes }} {{ disks.first.id }}')).toBe(
      'boot,data 7 boot',
    )
    expect(render('{{ nics | map: "id" | json }}')).toBe('[""]')
  })

  it('that are lists are not printed as they are', () => {
    expect(render('{{ disks }}')).toEqual([
      'TEMPLATE_INVALID: here, line 1 column 1: a list or a map cannot be printed: end it with | json',
    ])
  })
})

describe('text without markup', () => {
  it.each(['', 'plain', '50 % { } }}', '$HOME `id`'])('%j stays as it is', (text) => {
    expect(render(text)).toBe(text)
  })
})

describe('what is wrong', () => {
  it.each([
    [
      'a name that is not there',
      'a\n  {{ vm_nmae }}',
      'line 2 column 6: unknown name "vm_nmae" / did you mean "vm_name"?',
    ],
    ['a name within a disk', '{{ disks[0].idd }}', 'line 1 column 4: unknown name "disks.0.idd" / did you mean "id"?'],
    [
      'a name within a text',
      '{{ os.constructor }}',
      'line 1 column 4: unknown name "os.constructor" / known here: size',
    ],
    [
      'a filter that is not there',
      '{{ os | upcas }}',
      'line 1 column 1: there is no filter "upcas" / did you mean "upcase"?',
    ],
    ['an output that is not closed', 'x {{ os', 'line 1 column 3: output "{{ os" not closed'],
    ['a tag that is not closed', '{% if os %}x', 'line 1 column 1: tag {% if os %} not closed'],
    [
      'two values side by side',
      '{{ os firmware }}',
      'line 1 column 1: a value or an operator is missing between others',
    ],
    [
      'an operator without its value',
      '{% if os == "a" and %}x{% endif %}',
      'line 1 column 1: a value or an operator is missing',
    ],
  ])('%s', (_, text, expected) => {
    expect(render(text)).toEqual([expect.stringContaining(`TEMPLATE_INVALID: here, ${expected}`)])
    expect(checkTemplate(text)).toHaveLength(1)
  })

  it.each(['__proto__', 'toString', 'constructor', 'size', 'process'])('the name %s, which no context has', (name) => {
    expect(render(`{{ ${name} }}`)).toEqual([expect.stringContaining(`unknown name "${name}"`)])
  })

  it.each(['include "a"', 'render "/etc/passwd"', 'layout "a"', 'echo os', 'capture x'])(
    'the tag {%% %s %%}',
    (tag) => {
      expect(render(`{% ${tag} %}`)).toEqual([expect.stringContaining(`there is no tag "${tag.split(' ')[0]}"`)])
    },
  )

  it('all names of a template at once', () => {
    expect(
      checkTemplate('{{ a }} {% for d in dsks %}{{ d.id }}{{ b }}{% endfor %}').map(({ summary }) => summary),
    ).toEqual(['unknown name "a"', 'unknown name "dsks"', 'unknown name "b"'])
  })

  it('only at a run, what depends on the machine', () => {
    expect(checkTemplate('{{ disks[7].id }}')).toEqual([])
    expect(render('{{ disks[7].id }}')).toEqual(['TEMPLATE_INVALID: here, line 1 column 4: unknown name "disks.7"'])
  })

  it.each([
    ['a long loop', '{% for i in (1..1000000000) %}x{% endfor %}', 'too much time or memory'],
    ['loops in loops', `${'{% for i in (1..2000) %}'.repeat(3)}${'{% endfor %}'.repeat(3)}`, 'too much time or memory'],
    ['much output', `{% for i in (1..100000) %}${'x'.repeat(100)}{% endfor %}`, 'more than 1048576 characters'],
    ['tags in tags', `${'{% if os %}'.repeat(2500)}${'{% endif %}'.repeat(2500)}`, 'nested too deeply'],
    ['a huge template', `{{ os }}${'x'.repeat(100_000)}`, 'longer than 65536 characters'],
  ])('%s, which is stopped', (_, text, expected) => {
    expect(render(text)).toEqual([expect.stringContaining(expected)])
  })
})

describe('renderDeep', () => {
  it('renders texts and leaves keys and other values alone', () => {
    const value = { '{{ os }}': ['{{ os }}', 1, null, true, { a: 'x{{ disks.size }}' }] }
    expect(renderDeep(value, context, 'here')).toEqual({ '{{ os }}': ['windows2019', 1, null, true, { a: 'x2' }] })
  })

  it('keeps a key named __proto__ a key', () => {
    const rendered = renderDeep(JSON.parse('{"__proto__": {"a": "{{ os }}"}}'), context, 'here')
    expect(JSON.stringify(rendered)).toBe('{"__proto__":{"a":"windows2019"}}')
  })

  it('says where the template lies', () => {
    expect(refusal(() => renderDeep({ a: ['', '{{ x }}'] }, context, 'hook "n", body'))).toEqual([
      expect.stringContaining('hook "n", body.a[1], line 1 column 4: unknown name "x"'),
    ])
  })
})

describe('a condition', () => {
  it.each([
    ['os == "windows2019"', true],
    ["os contains 'windows' and disks.size > 1", true],
    ['wave', false],
    ['not wave', true],
    ['vm_name contains "{"', true],
    ['os\n== "linux"', false],
    ['disks.size == 2 or nope == 1', 'unknown name "nope"'],
    ['os = "linux"', 'line 1 column 5'],
    ['os == linux', 'line 1 column 7: unknown name "linux"'],
    ['os "linux"', 'a value or an operator is missing'],
    ['{{ os }}', 'no braces'],
    ['os %}{% endif', 'no braces'],
    ['', 'invalid value'],
  ])('%j', (expression, expected) => {
    const holds = refusal(() => conditionHolds(expression, context, 'when'))
    if (typeof expected === 'boolean') expect(holds).toBe(expected)
    else expect(holds).toEqual([expect.stringContaining(expected)])
    expect(checkCondition(expression).length > 0).toBe(typeof expected === 'string')
  })
})
