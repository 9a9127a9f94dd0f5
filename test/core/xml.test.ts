import { expect, it } from 'vitest'
import { problemsOf } from '../../src/core/problem.ts'
import { child, childrenNamed, parseXml, textOf } from '../../src/core/xml.ts'
import { decodeXml } from '../../src/core/xml-guard.ts'

function refusal(text: string) {
  try {
    parseXml(text, 'a.ovf')
  } catch (thrown) {
    const [problem] = problemsOf(thrown) ?? []
    if (problem)
      return { code: problem.code, line: problem.at?.line, column: problem.at?.column, summary: problem.summary }
    throw thrown
  }
  return undefined
}

it('reads elements by local name, whatever prefixes the writer chose', () => {
  const root = parseXml(
    '<o:Envelope xmlns:o="x"><r:Item o:key="1" plain="2"/><Item><a:Name> web </a:Name></Item></o:Envelope>',
    'a.ovf',
  )
  expect(root.name).toBe('Envelope')
  expect(childrenNamed(root, 'Item').map(({ attributes }) => ({ ...attributes }))).toEqual([
    { key: '1', plain: '2' },
    {},
  ])
  expect(textOf(childrenNamed(root, 'Item')[1] ?? root, 'Name')).toBe('web')
  expect(child(root, 'Name')).toBeUndefined()
})

it('takes the attribute without a prefix where two have the same local name', () => {
  expect(parseXml('<a v:id="1" id="2"/>', 'a').attributes.id).toBe('2')
  expect(parseXml('<a id="2" v:id="1"/>', 'a').attributes.id).toBe('2')
})

it('leaves values as they are written', () => {
  const root = parseXml('<a n="00123" b="true">1e3</a>', 'a')
  expect([root.attributes.n, root.attributes.b, root.text]).toEqual(['00123', 'true', '1e3'])
})

it('decodes the five entities and characters by number, but not in CDATA', () => {
  expect(parseXml('<a q="&quot;&#xe9;">&lt;&amp;lt;&#65;<![CDATA[&amp;]]>&gt;</a>', 'a')).toMatchObject({
    attributes: { q: '"é' },
    text: '<&lt;A&amp;>',
  })
})

it('says on which line an element opens, also after CRLF', () => {
  const root = parseXml('<?xml version="1.0"?>\r\n<!-- two\r\nlines -->\r\n<a>\r\n<b/>\n\n<c/></a>', 'a')
  expect([root, ...root.children].map(({ name, line }) => `${name} ${line}`)).toEqual(['a 4', 'b 5', 'c 7'])
})

it.each([
  ['an element that is not closed', '<a>\n<b></a>', 2, 4],
  ['an attribute twice', '<a>\n\n<b c="1" c="2"/></a>', 3, 10],
  ['two roots', '<a/><b/>', 1, undefined],
  ['nothing', '', 1, undefined],
  ['no XML', 'KDMV', 1, 1],
  ['an entity of its own', '<a>&file;</a>', 1, undefined],
  ['a character that XML forbids, by number', '<a>&#27;</a>', 1, undefined],
  ['a character that XML forbids', '<a>\n\u001b[2J</a>', 2, 1],
  ['an ampersand in an attribute', '<a b="x & y"/>', 1, undefined],
  ['a comment that never ends', '<a/><!-- ', undefined, undefined],
])('refuses %s', (_what, text, line, column) => {
  expect(refusal(text)).toMatchObject({ code: 'XML_INVALID', line, column })
})

it.each([
  ['a document type', '<?xml version="1.0"?>\n<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'],
  ['an entity bomb', '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>'],
  ['a document type in small letters', '<!doctype a><a/>'],
  ['an entity after the root opens', '<a><!ENTITY b "c"></a>'],
  ['a document type behind a comment that another parser ends elsewhere', '<?x <!-- ?><!DOCTYPE a><a/><!-- -->'],
  ['depth', `${'<a>'.repeat(10_000)}${'</a>'.repeat(10_000)}`],
  ['a hundred thousand elements', `<a>${'<b/>'.repeat(100_000)}</a>`],
  ['half a million attributes', `<a ${'b="" '.repeat(500_000)}/>`],
  ['size', `<a>${'x'.repeat(9 * 1024 * 1024)}</a>`],
])('refuses %s as hostile, at once', (_what, text) => {
  expect(refusal(text)?.code).toBe('XML_HOSTILE')
})

it('pollutes no prototype', () => {
  const root = parseXml('<a __proto__="p" constructor="c" toString="t"/>', 'a')
  expect([Reflect.get(root.attributes, '__proto__'), root.attributes.constructor]).toEqual(['p', 'c'])
  expect(Object.getPrototypeOf(root.attributes)).toBeNull()
  expect(parseXml('<a/>', 'a').attributes.toString).toBeUndefined()
  expect(refusal('<a><__proto__><p>1</p></__proto__></a>')?.code).toBe('XML_INVALID')
  expect(Reflect.get({}, 'p')).toBeUndefined()
})

const utf16 = (text: string, bigEndian: boolean) => {
  const bytes = Buffer.from(text, 'utf16le')
  return bigEndian ? bytes.swap16() : bytes
}

it.each([
  ['UTF-8', Buffer.from('<a>é</a>')],
  ['UTF-8 with a byte order mark', Buffer.from('\ufeff<a>é</a>')],
  ['UTF-16 little endian with a mark', utf16('\ufeff<a>é</a>', false)],
  ['UTF-16 big endian with a mark', utf16('\ufeff<a>é</a>', true)],
  ['UTF-16 without a mark', utf16('<a>é</a>', false)],
  ['big endian UTF-16 without a mark', utf16('<a>é</a>', true)],
  ['the encoding it declares', Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>', 'latin1')],
])('decodes %s', (_what, bytes) => {
  expect(parseXml(decodeXml(bytes, 'a'), 'a').text).toBe('é')
})

it.each([
  ['bytes that are no UTF-8', Buffer.from([0x3c, 0x61, 0xff, 0x2f, 0x3e]), 'XML_INVALID'],
  ['an encoding nobody knows', Buffer.from('<?xml version="1.0" encoding="utf-7"?><a/>'), 'XML_INVALID'],
  ['a document type in UTF-16', utf16('\ufeff<!DOCTYPE a><a/>', true), 'XML_HOSTILE'],
])('refuses %s', (_what, bytes, code) => {
  let thrown: unknown
  try {
    parseXml(decodeXml(bytes, 'a'), 'a')
  } catch (error) {
    thrown = error
  }
  expect(problemsOf(thrown)?.[0]?.code).toBe(code)
})
