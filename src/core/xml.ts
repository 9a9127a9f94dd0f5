import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { problem } from './problem.ts'
import { guardXml } from './xml-guard.ts'

/**
 * An element by local names: `rasd:Parent` and `Parent` are the same, because each writer has its own prefixes.
 * `attributes` has no prototype, so any name may be looked up in it.
 */
export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly XmlElement[]
  /** The element's own text, CDATA included, without that of its children; not trimmed. */
  readonly text: string
  /** Where it opens, from 1. */
  readonly line: number
}

const limitDepth = 64
const textName = '#text'
const cdataName = '#cdata'
const attributesName = ':@'

/**
 * Reads hostile XML into a tree, `file` being its name in problems. Nothing is converted: `00123` and ` true ` stay text.
 * @throws ProblemError XML_HOSTILE (document type, entities, size, depth), XML_INVALID with line and column
 */
export function parseXml(text: string, file: string): XmlElement {
  return parse(text, file, false)
}

/** The same with every name as it is written, prefix and declarations of namespaces included. */
export function parseXmlAsWritten(text: string, file: string): XmlElement {
  return parse(text, file, true)
}

function parse(text: string, file: string, asWritten: boolean): XmlElement {
  guardXml(text, file)
  const source = text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n')
  const verdict = XMLValidator.validate(source)
  if (verdict !== true) {
    const { msg, line, col } = verdict.err
    throw problem('XML_INVALID', `${file} is not well-formed XML: ${msg.slice(0, 200)}`, {
      at: { file, line, ...(col === undefined ? {} : { column: col }) },
    })
  }
  const [root, ...others] = elementsIn(parseOrdered(source, file), { file, lineOf: lineCounter(source), asWritten })
  if (root === undefined || others.length > 0) {
    throw problem(
      'XML_INVALID',
      `${file} is not well-formed XML: it has ${others.length + (root ? 1 : 0)} root elements`,
      {
        at: { file, line: others[0]?.line ?? 1 },
      },
    )
  }
  return root
}

/** The first child of that local name. */
export function child(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find((each) => each.name === name)
}

export function childrenNamed(element: XmlElement, name: string): readonly XmlElement[] {
  return element.children.filter((each) => each.name === name)
}

/** The trimmed text of the first child of that name; undefined when there is none or it is empty. */
export function textOf(element: XmlElement, name: string): string | undefined {
  return child(element, name)?.text.trim() || undefined
}

function parseOrdered(source: string, file: string): unknown {
  const parser = new XMLParser({
    preserveOrder: true,
    captureMetaData: true,
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    textNodeName: textName,
    cdataPropName: cdataName,
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: false,
    // Decoded below, all five and character references, which the parser leaves out.
    processEntities: false,
    ignoreDeclaration: true,
    ignorePiTags: true,
    maxNestedTags: limitDepth,
    jPath: false,
  })
  try {
    return parser.parse(source)
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    if (/nested/i.test(message)) {
      throw problem('XML_HOSTILE', `${file} nests elements more than ${limitDepth} deep`, { at: { file } })
    }
    throw problem('XML_INVALID', `${file} is not well-formed XML: ${message.slice(0, 200)}`, { at: { file } })
  }
}

interface Reading {
  readonly file: string
  readonly lineOf: (index: number) => number
  /** Names with their prefixes. */
  readonly asWritten: boolean
}

function elementsIn(nodes: unknown, reading: Reading): XmlElement[] {
  const elements: XmlElement[] = []
  for (const node of records(nodes)) {
    const name = Object.keys(node).find((key) => key !== attributesName)
    if (name !== undefined && name !== textName && name !== cdataName) elements.push(elementOf(name, node, reading))
  }
  return elements
}

function elementOf(name: string, node: Record<string, unknown>, reading: Reading): XmlElement {
  const line = reading.lineOf(startOf(node))
  const decode = (text: string) => decodeEntities(text, reading.file, line)
  const content = node[name]
  let text = ''
  for (const part of records(content)) {
    if (typeof part[textName] === 'string') text += decode(part[textName])
    for (const literal of records(part[cdataName])) text += String(literal[textName])
  }
  return {
    name: reading.asWritten ? name : localName(name),
    attributes: attributesOf(node[attributesName], decode, reading.asWritten),
    children: elementsIn(content, reading),
    text,
    line,
  }
}

function attributesOf(written: unknown, decode: (text: string) => string, asWritten: boolean): Record<string, string> {
  const attributes: Record<string, string> = Object.create(null)
  if (typeof written !== 'object' || written === null) return attributes
  for (const [key, value] of Object.entries(written)) {
    const name = key.slice(1)
    if (!asWritten && (name === 'xmlns' || name.startsWith('xmlns:'))) continue
    const local = asWritten ? name : localName(name)
    // `id` and `vmw:id` on one element: the one without a prefix is the format's own, else the first.
    if (local in attributes && name !== local) continue
    attributes[local] = decode(String(value).replace(/[\t\n]/g, ' '))
  }
  return attributes
}

const named: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
])

function decodeEntities(text: string, file: string, line: number): string {
  return text.replace(/&([^&;]{0,32})(;?)/g, (_all, name: string, end: string) => {
    const decoded = end === ';' ? (named.get(name) ?? characterOf(name)) : undefined
    if (decoded !== undefined) return decoded
    throw problem('XML_INVALID', `${file} uses the entity ${JSON.stringify(`&${name};`)}, which XML does not define`, {
      at: { file, line },
    })
  })
}

function characterOf(reference: string): string | undefined {
  const digits = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(reference)
  if (digits === null) return undefined
  const code = digits[1] === undefined ? Number(digits[2]) : Number.parseInt(digits[1], 16)
  const allowed =
    code === 0x9 || code === 0xa || code === 0xd || (code >= 0x20 && code < 0xd800) || (code >= 0xe000 && code < 0xfffe)
  return allowed || (code >= 0x10000 && code <= 0x10ffff) ? String.fromCodePoint(code) : undefined
}

/** The part of a name after its prefix. */
export function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}

function records(nodes: unknown): Record<string, unknown>[] {
  return Array.isArray(nodes) ? nodes.filter((node) => typeof node === 'object' && node !== null) : []
}

function startOf(node: object): number {
  // The typings say `Symbol`, the object type, for what is a symbol.
  const key = Object.getOwnPropertySymbols(node).find((each) => each === XMLParser.getMetaDataSymbol())
  const found: unknown = key === undefined ? undefined : Reflect.get(node, key)
  if (typeof found !== 'object' || found === null || !('startIndex' in found)) return 0
  return typeof found.startIndex === 'number' ? found.startIndex : 0
}

/** Lines for indexes that only grow, as those of a tree walked in document order do. */
function lineCounter(source: string): (index: number) => number {
  let line = 1
  let from = 0
  return (index) => {
    for (let next = source.indexOf('\n', from); next !== -1 && next < index; next = source.indexOf('\n', from)) {
      line += 1
      from = next + 1
    }
    return line
  }
}
