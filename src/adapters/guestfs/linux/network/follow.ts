/** How the interfaces of a guest are called from now on. */
export interface Follow {
  readonly names: ReadonlyMap<string, string>
  /** In lower case, with colons. */
  readonly macs: ReadonlyMap<string, string>
}

/** What kernel and systemd call the cards: `eth0`, `ens192`, `enp11s0`, `eno1`, and `em1` or `p1p1` of biosdevname. */
const physical = String.raw`(?:eth\d+|en[ops][a-z\d]*\d[a-z\d]*|enx[a-f\d]{12}|em\d+|p\d+p\d+)`

// A whole word, with the tag of a VLAN or the number of an alias behind it; after a slash only where the kernel lists them.
const before = String.raw`(?:(?<![\w.@/-])|(?<=/(?:net|conf|neigh)/)|(?<=\bconf\.))`
const behind = String.raw`(?![\w-])`

/** Whether it is what kernel or systemd would call a card. */
export function isPhysical(name: string): boolean {
  return new RegExp(`^${physical}$`).test(name)
}

/** The names of cards in a text, comments left out, each once. */
export function physicalNames(text: string): readonly string[] {
  const plain = text.replace(/^\s*[#;].*$/gm, '')
  return [...new Set([...plain.matchAll(new RegExp(before + physical + behind, 'g'))].map(([name]) => name))]
}

/** A text with new names and MACs, but for its comments. */
export function followText(text: string, follow: Follow): string {
  return text.replace(/^.*$/gm, (line) => (/^\s*[#;]/.test(line) ? line : followWords(line, follow)))
}

/** The same without an eye on comments. */
export function followWords(words: string, { names, macs }: Follow): string {
  const named = names.size === 0 ? words : words.replace(wordOf([...names.keys()]), (name) => names.get(name) ?? name)
  const globbed = named.replace(/(?<![\w.@/*-])(e[a-z]*\d*)\*/g, (glob, prefix: string) => {
    return `${commonPrefix(prefix, names)}*` || glob
  })
  if (macs.size === 0) return globbed
  return globbed.replace(/\b[\da-f]{2}(?:([:-])[\da-f]{2})(?:\1[\da-f]{2}){4}\b/gi, (mac, separator: string) => {
    const next = macs.get(mac.toLowerCase().replaceAll('-', ':'))
    if (next === undefined) return mac
    const written = next.replaceAll(':', separator)
    return /[A-F]/.test(mac) && !/[a-f]/.test(mac) ? written.toUpperCase() : written
  })
}

function wordOf(names: readonly string[]): RegExp {
  return new RegExp(`${before}(?:${names.join('|')})${behind}`, 'g')
}

/** What a glob has to begin with to match the new names of those that it matched. */
function commonPrefix(prefix: string, names: ReadonlyMap<string, string>): string {
  const next = [...names].filter(([old]) => old.startsWith(prefix)).map(([, name]) => name)
  return next.reduce((common, name) => {
    let length = 0
    while (length < common.length && common[length] === name[length]) length++
    return common.slice(0, length)
  }, prefix)
}
