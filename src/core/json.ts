/** What survives a trip through a file or the state database. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined }

/**
 * JSON with sorted keys and without undefined members: equal values give equal text.
 * @param told how each text that is no key is told
 */
export function canonicalJson(value: unknown, told = (text: string) => text): string {
  if (typeof value === 'string') return quoted(told(value))
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  let text = ''
  if (Array.isArray(value)) {
    for (const one of value) text += `${text === '' ? '' : ','}${canonicalJson(one, told)}`
    return `[${text}]`
  }
  const map = value as Readonly<Record<string, unknown>>
  for (const key of Object.keys(map).sort()) {
    const member = map[key]
    if (member === undefined) continue
    text += `${text === '' ? '' : ','}${keyText(key)}:${canonicalJson(member, told)}`
  }
  return `{${text}}`
}

// The same few keys again and again: thousands of records have them.
const keyTexts = new Map<string, string>()

function keyText(key: string): string {
  const known = keyTexts.get(key)
  if (known !== undefined) return known
  const text = quoted(key)
  if (keyTexts.size < 1000) keyTexts.set(key, text)
  return text
}

// What JSON writes as it is. To ask JSON.stringify for each of millions of short texts takes twice as long.
const plain = /^[\w .:/@+-]*$/

function quoted(text: string): string {
  return plain.test(text) ? `"${text}"` : JSON.stringify(text)
}

/** Marks plain data, which its type cannot show to be free of functions, as JSON. */
export function asJson(value: object): Json {
  return value as unknown as Json
}

/** Whether lists and maps lie in each other more than `depth` levels deep. */
export function isDeeper(value: unknown, depth: number): boolean {
  let level: readonly unknown[] = [value]
  for (let left = depth; level.length > 0; left--) {
    if (left < 0) return true
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []))
  }
  return false
}
