import { escaped, printableSentence } from '../../core/printable.ts'

/**
 * Text as a code span of Markdown on one line, in table cells too: nothing in it is markup, a mention or a link. Parts of the
 * text may be printable already, such as an address.
 */
export function codeSpan(text: string, maxCharacters = 60): string {
  const visible = cut(text, maxCharacters).replace(/[`|]/g, escaped).replace(/^ | $/g, escaped)
  return `\`${visible === '' ? "''" : visible}\``
}

/** Text as `<code>` for where Markdown is not read, such as between `<summary>` and `</summary>`. */
export function codeElement(text: string, maxCharacters = 120): string {
  const visible = cut(text, maxCharacters).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
  return `<code>${visible}</code>`
}

/** Lines as a fenced block: the fence is longer than any that stands in them. */
export function fenced(language: string, lines: readonly string[]): string {
  const runs = lines.flatMap((line) => line.match(/`+/g) ?? [])
  const fence = '`'.repeat(Math.max(3, ...runs.map(({ length }) => length + 1)))
  return [`${fence}${language}`, ...lines, fence].join('\n')
}

/** A comment that no reader sees and by which a program finds its own text again. */
export function hiddenMarker(kind: string, name: string): string {
  return `<!-- h2k:${kind} ${encodeURIComponent(name.toWellFormed())} -->`
}

function cut(text: string, maxCharacters: number): string {
  const characters = [...printableSentence(text)]
  return characters.length <= maxCharacters
    ? characters.join('')
    : `${characters.slice(0, maxCharacters - 1).join('')}…`
}
