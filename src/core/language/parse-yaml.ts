import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  Parser,
  Schema,
  type Tags,
} from 'yaml'
import { brief } from '../printable.ts'
import { keyFault, maxDepth, type TextFault } from './text-fault.ts'

const maxAliases = 1000
// What a file may grow to by its aliases, in values and characters of text.
const maxExpanded = 1024 * 1024

/** A number with leading zeros is octal in YAML 1.1: as text it is refused wherever a number belongs. */
function withoutLeadingZeros(tags: Tags): Tags {
  return tags.map((tag) => {
    if (typeof tag === 'string' || tag.tag !== 'tag:yaml.org,2002:int' || tag.format !== undefined) return tag
    return { ...tag, test: /^[-+]?(?:0|[1-9][0-9]*)$/ } as typeof tag
  })
}

const schema = new Schema({ schema: 'core', customTags: withoutLeadingZeros, resolveKnownTags: false })

/** Parses YAML 1.2 to plain data, or says all that is wrong with it. */
export function parseYaml(text: string): { readonly value: unknown } | { readonly faults: readonly TextFault[] } {
  const composed = composeYaml(text)
  if ('faults' in composed) return composed
  const { document } = composed
  const seen: Seen = { faults: [], anchors: new Set(), aliases: [] }
  look(document.contents, seen)
  const syntax = [...document.errors, ...document.warnings].map(({ pos, code, message }) => ({
    offset: pos[0],
    summary: code === 'NON_STRING_KEY' ? 'a key has to be text' : message,
  }))
  const faults = [...syntax, ...seen.faults]
  if (faults.length > 0) return { faults }
  const [alias] = seen.aliases
  const value: unknown = document.toJS({ maxAliasCount: -1 })
  if (alias === undefined || !expandsTooFar(value)) return { value }
  return { faults: [{ offset: alias, summary: 'its aliases expand to too much, or to themselves' }] }
}

/**
 * Composes YAML without looking for equal keys, for which the composer takes quadratic time. Its errors and warnings
 * are in the document.
 */
export function composeYaml(
  text: string,
): { readonly document: Document.Parsed } | { readonly faults: readonly TextFault[] } {
  const parser = new Parser()
  const tokens: CST.Token[] = []
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme))
    // The composer recurses, and would overflow the stack. The document and a scalar count too.
    if (parser.stack.length > maxDepth + 2) {
      return {
        faults: [{ offset: parser.offset - lexeme.length, summary: `nested more than ${maxDepth} levels deep` }],
      }
    }
  }
  tokens.push(...parser.end())
  const [document, second] = withoutStacks(() => {
    const composer = new Composer({ prettyErrors: false, stringKeys: true, uniqueKeys: false, schema })
    return [...composer.compose(tokens, true, text.length)]
  })
  if (second)
    return { faults: [{ offset: second.range[0], summary: 'a second document begins here: one file is one document' }] }
  if (!document) throw new Error('YAML without a document')
  return { document }
}

// A stack for each of a hundred thousand errors takes longer than all the rest.
function withoutStacks<T>(work: () => T): T {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  try {
    return work()
  } finally {
    Error.stackTraceLimit = limit
  }
}

interface Seen {
  readonly faults: TextFault[]
  readonly anchors: Set<string>
  /** Where each alias stands. */
  readonly aliases: number[]
}

function look(node: unknown, seen: Seen): void {
  if (!isNode(node)) return
  const offset = node.range?.[0] ?? 0
  if (isAlias(node)) {
    if (!seen.anchors.has(node.source))
      seen.faults.push({ offset, summary: `no anchor "${brief(node.source)}" comes before this` })
    if (seen.aliases.push(offset) === maxAliases + 1)
      seen.faults.push({ offset, summary: `more than ${maxAliases} aliases` })
    return
  }
  if ((isScalar(node) || isMap(node) || isSeq(node)) && node.anchor !== undefined) seen.anchors.add(node.anchor)
  if (isSeq(node)) for (const item of node.items) look(item, seen)
  if (!isMap(node)) return
  const keys = new Set<string>()
  for (const { key, value } of node.items) {
    look(key, seen)
    if (isScalar(key) && typeof key.value === 'string') {
      const fault = keyFault(key.value, key.range?.[0] ?? offset, keys)
      if (fault) seen.faults.push(fault)
      keys.add(key.value)
    }
    look(value, seen)
  }
}

function expandsTooFar(value: unknown): boolean {
  const rest = [{ value, depth: 1 }]
  let size = 0
  for (let next = rest.pop(); next; next = rest.pop()) {
    const { value: here, depth } = next
    size += 1 + (typeof here === 'string' ? here.length : 0)
    if (size > maxExpanded || depth > maxDepth) return true
    if (typeof here !== 'object' || here === null) continue
    for (const member of Object.values(here)) rest.push({ value: member, depth: depth + 1 })
  }
  return false
}
