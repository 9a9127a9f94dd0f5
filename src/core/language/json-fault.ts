import { keyFault, maxDepth, type TextFault } from './text-fault.ts'

const space = /[ \t\n\r]*/y
const token =
  /([{}[\],:])|("(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|((?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)(?![\w.+-]))/y

/** What may come next. */
type Wanted = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or }' | ', or ]' | 'end'

/**
 * The first place at which a text stops being JSON (RFC 8259, each key once); undefined when there is none.
 * `JSON.parse` does not say where, and takes the last of two equal keys.
 */
export function jsonFault(text: string): TextFault | undefined {
  // Of each object that is open its keys, for each list undefined.
  const open: (Set<string> | undefined)[] = []
  let wanted: Wanted = 'value'
  for (let offset = skipSpace(text, 0); offset < text.length; offset = skipSpace(text, token.lastIndex)) {
    token.lastIndex = offset
    const [found, mark, string] = token.exec(text) ?? []
    const next: Wanted | undefined = found === undefined ? undefined : follow(mark, string, wanted, open)
    if (next === undefined) return describeFault(text, offset, wanted)
    const keys = open.at(-1)
    if (keys && string !== undefined && next === ':') {
      const key: unknown = JSON.parse(string)
      const fault = keyFault(String(key), offset, keys)
      if (fault) return fault
      keys.add(String(key))
    }
    if (open.length > maxDepth) return { offset, summary: `nested more than ${maxDepth} levels deep` }
    wanted = next
  }
  return wanted === 'end' ? undefined : { offset: text.length, summary: 'the text ends too early' }
}

function skipSpace(text: string, from: number): number {
  space.lastIndex = from
  space.exec(text)
  return space.lastIndex
}

/** What a token leads to, having opened or closed what it opens or closes; undefined where it does not belong. */
function follow(
  mark: string | undefined,
  string: string | undefined,
  wanted: Wanted,
  open: (Set<string> | undefined)[],
): Wanted | undefined {
  const after = (): Wanted => (open.length === 0 ? 'end' : open.at(-1) ? ', or }' : ', or ]')
  if ((mark === ']' || mark === '}') && wanted.endsWith(`or ${mark}`)) {
    open.pop()
    return after()
  }
  switch (wanted) {
    case 'value':
    case 'value or ]':
      if (mark === '{') {
        open.push(new Set())
        return 'key or }'
      }
      if (mark === '[') {
        open.push(undefined)
        return 'value or ]'
      }
      return mark === undefined ? after() : undefined
    case 'key':
    case 'key or }':
      return string === undefined ? undefined : ':'
    case ':':
      return mark === ':' ? 'value' : undefined
    case ', or }':
      return mark === ',' ? 'key' : undefined
    case ', or ]':
      return mark === ',' ? 'value' : undefined
    case 'end':
      return undefined
  }
}

function describeFault(text: string, offset: number, wanted: Wanted): TextFault {
  const rest = text.slice(offset, offset + 2)
  if (/^(?:#|\/\/|\/\*)/.test(rest)) {
    return { offset, summary: 'JSON has no comments', hint: 'remove it, or save the file as YAML' }
  }
  if (wanted === 'end') return { offset, summary: 'something follows the end of the JSON value' }
  if (rest.startsWith("'")) return { offset, summary: 'JSON has text in double quotes only' }
  if (wanted.startsWith('key') && !rest.startsWith('"') && !rest.startsWith('}')) {
    return { offset, summary: 'a key belongs here, in double quotes' }
  }
  if (rest.startsWith('"') && (wanted.startsWith('value') || wanted.startsWith('key'))) {
    return { offset, summary: 'this text does not end in its line, or has a "\\" that JSON does not know' }
  }
  if (/^[\]}]/.test(rest) && !wanted.includes('or'))
    return { offset, summary: 'JSON has no comma after the last member' }
  return { offset, summary: `not JSON: "${wanted}" belongs here` }
}
