import { type Place, problem } from './problem.ts'

/** No machine needs more: descriptors and domains are some ten KiB. */
export const xmlLimitBytes = 8 * 1024 * 1024
const limitTags = 50_000
const limitEquals = 200_000

/**
 * Turns the bytes of an XML file into text: UTF-8 with or without a byte order mark, UTF-16 with one (or recognised by
 * its zero bytes), or the encoding that the XML declaration names.
 * @throws ProblemError XML_HOSTILE when too large, XML_INVALID when the bytes are not of that encoding
 */
export function decodeXml(bytes: Uint8Array, file: string): string {
  if (bytes.length > xmlLimitBytes) throw tooLarge(file)
  const encoding = encodingOf(bytes)
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch (cause) {
    // An unknown label is a RangeError, bytes that do not fit are a TypeError.
    const unknown = cause instanceof RangeError
    throw problem(
      'XML_INVALID',
      `${file} is ${unknown ? 'written in an encoding that h2k does not know' : 'not valid text'}: ${encoding}`,
      {
        hint: `iconv -t UTF-8, and encoding="UTF-8" in its first line`,
        at: { file },
      },
    )
  }
}

/**
 * Refuses what no well-meant descriptor has, before a parser sees it: a DOCTYPE or an entity declaration (also in a
 * comment: where a comment ends is the parser's view), more tags and attributes than memory should be spent on, and
 * characters that XML 1.0 forbids.
 * @throws ProblemError XML_HOSTILE, XML_INVALID
 */
export function guardXml(text: string, file: string): void {
  if (text.length > xmlLimitBytes) throw tooLarge(file)
  const declaration = text.search(/<!\s*(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)/i)
  if (declaration !== -1) {
    throw problem(
      'XML_HOSTILE',
      `${file} declares a document type or entities, which can name other files or grow without end`,
      {
        hint: 'remove the <!DOCTYPE …> from it',
        at: placeAt(text, declaration, file),
      },
    )
  }
  if (moreThan(text, '<', limitTags) || moreThan(text, '=', limitEquals)) {
    throw problem('XML_HOSTILE', `${file} has more than ${limitTags} tags or ${limitEquals} attributes`, {
      at: { file },
    })
  }
  const forbidden = text.search(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/)
  if (forbidden !== -1) {
    const code = text.charCodeAt(forbidden).toString(16).padStart(4, '0')
    throw problem('XML_INVALID', `${file} has the character U+${code}, which XML forbids`, {
      at: placeAt(text, forbidden, file),
    })
  }
}

function encodingOf(bytes: Uint8Array): string {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  if (first === 0xef) return 'utf-8'
  if (first === 0x3c && second === 0) return 'utf-16le'
  if (first === 0 && second === 0x3c) return 'utf-16be'
  const opening = new TextDecoder('latin1').decode(bytes.subarray(0, 200))
  return /^\s*<\?xml\s[^>]*?\bencoding\s*=\s*["']([^"']*)/.exec(opening)?.[1]?.toLowerCase() ?? 'utf-8'
}

function moreThan(text: string, character: string, limit: number): boolean {
  let count = 0
  for (let at = text.indexOf(character); at !== -1; at = text.indexOf(character, at + 1)) {
    count += 1
    if (count > limit) return true
  }
  return false
}

function placeAt(text: string, index: number, file: string): Place {
  const before = text.slice(0, index)
  return { file, line: before.split('\n').length, column: index - before.lastIndexOf('\n') }
}

function tooLarge(file: string) {
  return problem('XML_HOSTILE', `${file} is larger than ${xmlLimitBytes / 1024 / 1024} MiB, the most that h2k reads`, {
    at: { file },
  })
}
