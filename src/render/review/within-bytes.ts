/** A part of a text whose items may be left out where they do not fit. */
export interface Section {
  readonly open: string
  readonly items: readonly Item[]
  readonly close: string
}

export interface Item {
  readonly text: string
  /** What is missing without it, such as `the changes of machines`; the same text is counted together. */
  readonly what: string
  /** How many of it. */
  readonly count: number
}

/**
 * Joins a head with as many items of its sections as fit, in their order; a section without any is left out.
 * `note` says what was left out, and has `noteBytes` at most.
 */
export function withinBytes(
  head: string,
  sections: readonly Section[],
  maxBytes: number,
  note: (left: readonly string[]) => string,
  noteBytes = 1500,
): string {
  const bytesOf = (text: string) => Buffer.byteLength(text) + 1
  const filled = sections.filter(({ items }) => items.length > 0)
  const all = [head, ...filled.flatMap(({ open, items, close }) => [open, ...items.map(({ text }) => text), close])]
  if (all.reduce((sum, text) => sum + bytesOf(text), 0) <= maxBytes) return joined(all)
  let room = maxBytes - noteBytes - bytesOf(head)
  const left = new Map<string, number>()
  const parts = [head]
  for (const { open, items, close } of filled) {
    const kept: string[] = []
    const frame = bytesOf(open) + bytesOf(close)
    for (const { text, what, count } of items) {
      const cost = bytesOf(text) + (kept.length === 0 ? frame : 0)
      if (cost <= room) {
        kept.push(text)
        room -= cost
      } else left.set(what, (left.get(what) ?? 0) + count)
    }
    if (kept.length > 0) parts.push(open, ...kept, close)
  }
  return joined([...parts, note([...left].map(([what, count]) => `${what} (${count})`))])
}

function joined(parts: readonly string[]): string {
  return `${parts.filter((part) => part !== '').join('\n')}\n`
}
