import { hash } from 'node:crypto'

// Controls, and the invisible characters that reorder or hide what follows them in a terminal or a review.
const unprintable = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]/gu

/** Text from outside, made safe to print on one line: control and direction characters become `\u{…}`. */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)
}

const plainFileName = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$/

/** A file name for a machine's name: the name itself where it is plain, else escaped, with a hash when it is too long. */
export function fileNameOf(name: string): string {
  if (plainFileName.test(name)) return name
  const escaped = encodeURIComponent(name.toWellFormed()).replace(/[^A-Za-z0-9_%]/g, (character) =>
    /[-.]/.test(character) ? character : `%${character.charCodeAt(0).toString(16)}`,
  )
  const leading = escaped.replace(/^[.-]/, (character) => `%${character.charCodeAt(0).toString(16)}`)
  return leading.length <= 200 ? leading : `${leading.slice(0, 180)}-${hash('sha256', name, 'hex').slice(0, 16)}`
}
