import { hash } from 'node:crypto'

// Controls, what reorders or hides what follows it in a terminal or a review, and what neither UTF-8 nor XML can hold.
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]|\\(?=u\{)/gu

/**
 * Text from outside, made safe to print on one line: control and direction characters become `\u{…}`. Different texts
 * stay different.
 */
export function printable(text: string): string {
  return text.replace(unprintable, escaped)
}

/** A sentence made safe likewise, of which parts may be so already: those stay as they are. */
export function printableSentence(text: string): string {
  return text.replace(unprintable, (character) => (character === '\\' ? character : escaped(character)))
}

/** The text that `printable` was given. */
export function unescaped(text: string): string {
  return text.replace(/\\u\{([0-9a-f]{1,6})\}/g, (written, hex: string) => {
    const codePoint = Number.parseInt(hex, 16)
    return codePoint > 0x10ffff ? written : String.fromCodePoint(codePoint)
  })
}

/** A character as `\u{…}`. */
export function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)?.toString(16)}}`
}

/** The same, cut to what a message needs of it. */
export function brief(text: string): string {
  const characters = [...text.slice(0, 200)]
  return printable(characters.length <= 80 ? text.slice(0, 200) : `${characters.slice(0, 79).join('')}…`)
}

const plainFileName = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$/

/** A file name for a machine's name: the name itself where it is plain, else escaped, with a hash when it is too long. */
export function fileNameOf(name: string): string {
  if (plainFileName.test(name)) return name
  const escapedName = encodeURIComponent(name.toWellFormed()).replace(/[^A-Za-z0-9_.%-]|^[.-]/g, (character) => {
    return `%${character.charCodeAt(0).toString(16)}`
  })
  if (escapedName === '') return '%'
  return escapedName.length <= 200
    ? escapedName
    : `${escapedName.slice(0, 180)}-${hash('sha256', name, 'hex').slice(0, 16)}`
}
