/** What survives a trip through a file or the state database. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined }

/** JSON with sorted keys and without undefined members: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const map = value as Readonly<Record<string, unknown>>
    let members = ''
    for (const key of Object.keys(map).sort()) {
      if (map[key] === undefined) continue
      members += `${members === '' ? '' : ','}${quoted(key)}:${canonicalJson(map[key])}`
    }
    return `{${members}}`
  }
  if (typeof value === 'string') return quoted(value)
  return JSON.stringify(value) ?? 'null'
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
