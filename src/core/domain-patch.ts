import { type PatchPath, type PatchStep, type PatchTest, parsePatchPath } from './domain-patch-path.ts'
import { nearest } from './nearest.ts'
import { printable } from './printable.ts'
import { problemsOf } from './problem.ts'
import { parseXmlAsWritten, type XmlElement } from './xml.ts'
import type { XmlNode } from './xml-node.ts'

/** One change to the XML of a domain, for what h2k has no key for. */
export interface DomainPatch {
  readonly op: 'add' | 'replace' | 'remove'
  /** As `parsePatchPath` reads it. */
  readonly path: string
  /** The value of an attribute, the text of an element, or the XML of one. */
  readonly value?: string | number | boolean
}

/** Why a patch cannot be applied. */
export interface PatchFault {
  /** Which of the patches, from 0. */
  readonly index: number
  readonly key: 'path' | 'value'
  readonly summary: string
  readonly hint?: string
}

/** What h2k knows its domain by: a domain without it would be somebody else's. */
const own = ['name', 'uuid', 'metadata']

/** An element while it is patched. */
interface Element {
  readonly name: string
  readonly attributes: Map<string, string>
  children: Element[]
  text: string
}

/** A domain with the patches applied, one after the other, and what is wrong with them: each of those changes nothing. */
export function patched(
  domain: XmlNode,
  patches: readonly DomainPatch[],
): { readonly domain: XmlNode; readonly faults: readonly PatchFault[] } {
  if (patches.length === 0) return { domain, faults: [] }
  const root = elementOf('domain', domain)
  const faults = patches.flatMap((patch, index) => {
    const fault = apply(root, patch)
    return fault ? [{ index, ...fault }] : []
  })
  return { domain: nodeOf(root), faults }
}

type Fault = Omit<PatchFault, 'index'>

function apply(root: Element, { op, path: text, value }: DomainPatch): Fault | undefined {
  const path = parsePatchPath(text)
  if (!path) {
    const hint = "such as /devices/video/model/@type, or /devices/disk[serial='data']/driver/@cache"
    return { key: 'path', summary: `${printable(text)} is no path into a domain`, hint }
  }
  const first = path.steps[0]?.name ?? ''
  if (own.includes(first) && !(first === 'metadata' && op === 'add' && path.steps.length === 1 && !path.attribute)) {
    return { key: 'path', summary: `/${first} is what h2k knows its domain by, and cannot be patched` }
  }
  if (first === 'metadata' && /^\s*<h2k:/.test(String(value))) {
    return { key: 'value', summary: 'the namespace h2k is h2k’s own' }
  }
  if (path.steps.length === 0 && path.attribute === undefined && op !== 'add') {
    return { key: 'path', summary: 'the whole domain cannot be patched' }
  }
  const found = find(root, path)
  if ('summary' in found) return { key: 'path', ...found }
  const { element, parent } = found
  if (path.attribute !== undefined) return patchAttribute(element, path.attribute, op, value)
  if (op === 'remove') {
    parent.children = parent.children.filter((each) => each !== element)
    return undefined
  }
  return patchElement(parent, element, op, value)
}

function patchAttribute(element: Element, name: string, op: DomainPatch['op'], value: DomainPatch['value']) {
  const there = element.attributes.has(name)
  const fault = (summary: string, hint?: string): Fault => ({ key: 'path', summary, ...(hint ? { hint } : {}) })
  if (op === 'add' && there) return fault(`<${element.name}> has an attribute ${name} already`, 'op: replace')
  if (op !== 'add' && !there) {
    const known = [...element.attributes.keys()].join(', ') || 'none'
    return fault(
      `<${element.name}> has no attribute ${name}; it has: ${known}`,
      op === 'replace' ? 'op: add' : undefined,
    )
  }
  if (op === 'remove') element.attributes.delete(name)
  else element.attributes.set(name, String(value))
  return undefined
}

function patchElement(parent: Element, element: Element, op: 'add' | 'replace', value: DomainPatch['value']) {
  const written = String(value)
  if (!written.trimStart().startsWith('<')) {
    if (op === 'add') {
      const hint = 'such as "<sound model=\'ich9\'/>"'
      return { key: 'value', summary: `what is added to <${element.name}> is an element`, hint } as const
    }
    element.text = written
    return undefined
  }
  const added = snippet(written)
  if ('summary' in added) return added
  if (op === 'add') element.children.push(added.element)
  else parent.children = parent.children.map((each) => (each === element ? added.element : each))
  return undefined
}

function snippet(text: string): Fault | { readonly element: Element } {
  try {
    return { element: ofXml(parseXmlAsWritten(text, 'value')) }
  } catch (error) {
    const [first] = problemsOf(error) ?? []
    if (!first) throw error
    return { key: 'value', summary: first.summary, hint: 'it is one element of XML' }
  }
}

function find(root: Element, { steps }: PatchPath): Omit<Fault, 'key'> | { element: Element; parent: Element } {
  let parent = root
  let element = root
  let way = ''
  for (const step of steps) {
    parent = element
    const named = parent.children.filter(({ name }) => name === step.name)
    const found = step.tests.reduce(narrow, named)
    const [only] = found
    way += `/${step.name}`
    if (only === undefined) return missing(parent, step, way, named.length)
    if (found.length > 1) {
      const hint = `choose one: [1], or by what is in it, such as [@type='…'] or [target/@dev='vda']`
      return { summary: `there are ${found.length} elements ${printable(way)}`, hint }
    }
    element = only
  }
  return { element, parent }
}

function missing(parent: Element, { name, tests }: PatchStep, way: string, named: number): Omit<Fault, 'key'> {
  if (named > 0 && tests.length > 0)
    return { summary: `none of ${named} elements ${printable(way)} is the one that is meant` }
  const known = [...new Set(parent.children.map((each) => each.name))]
  const close = nearest(name, known)
  const there = known.length > 0 ? known.join(', ') : 'nothing'
  const hint = close === undefined ? `in <${parent.name}> there is: ${there}` : `did you mean ${close}?`
  return { summary: `there is no element ${printable(way)}`, hint }
}

function narrow(elements: Element[], test: PatchTest): Element[] {
  if (test.kind === 'position') return elements.slice(test.position - 1, test.position)
  return elements.filter((element) => {
    const inside = test.names.reduce<Element[]>(
      (found, name) => found.flatMap(({ children }) => children.filter((each) => each.name === name)),
      [element],
    )
    return inside.some(({ attributes, text }) => {
      return (test.attribute === undefined ? text : attributes.get(test.attribute)) === test.value
    })
  })
}

function elementOf(name: string, node: XmlNode | string | number): Element {
  const element: Element = { name, attributes: new Map(), children: [], text: '' }
  if (typeof node !== 'object') return { ...element, text: String(node) }
  for (const [key, value] of Object.entries(node)) {
    if (key.startsWith('@')) element.attributes.set(key.slice(1), String(value))
    else if (key === '#text') element.text = String(value)
    else if (Array.isArray(value)) element.children.push(...value.map((each: XmlNode) => elementOf(key, each)))
    else element.children.push(elementOf(key, value as XmlNode | string | number))
  }
  return element
}

function ofXml({ name, attributes, children, text }: XmlElement): Element {
  return {
    name,
    attributes: new Map(Object.entries(attributes)),
    children: children.map(ofXml),
    text: children.length > 0 ? text.trim() : text,
  }
}

function nodeOf({ attributes, children, text }: Element): XmlNode {
  const node: XmlNode = {}
  for (const [name, value] of attributes) node[`@${name}`] = value
  if (text !== '') node['#text'] = text
  for (const [name, those] of Map.groupBy(children, (each) => each.name)) node[name] = those.map(nodeOf)
  return node
}
