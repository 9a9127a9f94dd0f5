import { printable } from '../core/printable.ts'

/**
 * Text from outside as code in Markdown, also in a cell of a table: no tag, no link, no mention and no markup comes of it.
 * Character references are text wherever they stand (https://spec.commonmark.org/0.31.2/#entity-and-numeric-character-references).
 */
export function inertCode(text: string): string {
  const inert = printable(text).replace(/[^A-Za-z0-9 ,/-]/gu, (character) => `&#${character.codePointAt(0)};`)
  return `<code>${inert}</code>`
}
