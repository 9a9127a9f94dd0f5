/** A value of LVM's configuration text. */
export type LvmValue = string | number | readonly LvmValue[] | LvmSection
export interface LvmSection {
  readonly [key: string]: LvmValue
}

const tokens = /#[^\n]*|\s+|"((?:[^"\\]|\\.)*)"|([A-Za-z0-9_.+-]+)|([{}[\]=,])/gsy
const mostDepth = 12

/**
 * Parses the text in which LVM keeps a volume group: sections in braces, `key = value`, lists, comments.
 * @returns undefined for what is none
 */
export function parseLvmText(text: string): LvmSection | undefined {
  const words: { readonly kind: 'string' | 'word' | 'mark'; readonly text: string }[] = []
  tokens.lastIndex = 0
  while (tokens.lastIndex < text.length) {
    const found = tokens.exec(text)
    if (!found) return undefined
    if (found[1] !== undefined) words.push({ kind: 'string', text: found[1].replace(/\\(.)/gs, '$1') })
    else if (found[2] !== undefined) words.push({ kind: 'word', text: found[2] })
    else if (found[3] !== undefined) words.push({ kind: 'mark', text: found[3] })
  }
  let at = 0
  const isMark = (mark: string) => words[at]?.kind === 'mark' && words[at]?.text === mark
  const take = (mark: string) => {
    if (!isMark(mark)) return false
    at += 1
    return true
  }
  const scalar = (): string | number | undefined => {
    const word = words[at]
    if (!word || word.kind === 'mark') return undefined
    at += 1
    return word.kind === 'word' && /^-?\d+$/.test(word.text) ? Number(word.text) : word.text
  }
  const value = (): LvmValue | undefined => {
    if (!take('[')) return scalar()
    const list: LvmValue[] = []
    while (!take(']')) {
      const one = scalar()
      if (one === undefined) return undefined
      list.push(one)
      if (!take(',') && !isMark(']')) return undefined
    }
    return list
  }
  const section = (depth: number): LvmSection | undefined => {
    const entries: [string, LvmValue][] = []
    while (at < words.length && !isMark('}')) {
      const key = words[at++]
      if (!key || key.kind === 'mark' || depth > mostDepth) return undefined
      const found = take('{') ? section(depth + 1) : take('=') ? value() : undefined
      if (found === undefined) return undefined
      if (typeof found === 'object' && !Array.isArray(found) && !take('}')) return undefined
      entries.push([key.text, found])
    }
    return Object.fromEntries(entries)
  }
  const found = section(0)
  return at === words.length ? found : undefined
}

/** A section of that name; undefined where there is none. */
export function sectionIn(section: LvmSection | undefined, key: string): LvmSection | undefined {
  const found = section && Object.hasOwn(section, key) ? section[key] : undefined
  return isSection(found) ? found : undefined
}

export function isSection(value: LvmValue | undefined): value is LvmSection {
  return typeof value === 'object' && !Array.isArray(value)
}

/** A list of that name; empty where there is none. */
export function listIn(section: LvmSection, key: string): readonly LvmValue[] {
  const found = Object.hasOwn(section, key) ? section[key] : undefined
  return Array.isArray(found) ? found : []
}

/** A whole number of that name that is not negative; NaN where there is none. */
export function numberIn(section: LvmSection, key: string): number {
  const found = Object.hasOwn(section, key) ? section[key] : undefined
  return typeof found === 'number' && Number.isSafeInteger(found) && found >= 0 ? found : Number.NaN
}
