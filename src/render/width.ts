// What East Asian Width calls wide, by script and block, and emoji. The variation selector U+FE0F may widen what it
// follows by one column.
const wide =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Yi}\p{Script=Tangut}\p{Script=Nushu}\p{Script=Khitan_Small_Script}\p{Emoji_Presentation}\u2329\u232a\u2630-\u2637\u268a-\u268f\u2ff0-\u2fff\u3000-\u33ff\u4dc0-\u4dff\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{16fff}\u{1b000}-\u{1b2ff}\u{1d300}-\u{1d376}\u{1f200}-\u{1f2ff}]/u
const plain = /^[\u0020-\u007e]*$/

/**
 * How many columns a text takes at most, after `printable`. Marks that combine count as one column: a row that wraps
 * would break the redraw, one that is cut too early only looks uneven.
 */
export function widthOf(text: string): number {
  if (plain.test(text)) return text.length
  let width = 0
  for (const character of text) width += widthOfCharacter(character)
  return width
}

function widthOfCharacter(character: string): number {
  return wide.test(character) ? 2 : 1
}

/** The text, cut to the columns; `…` stands for what is missing. */
export function cutTo(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  if (columns < 1) return ''
  let width = 1
  let end = 0
  for (const character of text) {
    width += widthOfCharacter(character)
    if (width > columns) break
    end += character.length
  }
  return `${text.slice(0, end)}…`
}

/** The text, cut to the columns and filled with spaces to them. */
export function fitTo(text: string, columns: number): string {
  const cut = cutTo(text, columns)
  return cut + ' '.repeat(Math.max(0, columns - widthOf(cut)))
}
