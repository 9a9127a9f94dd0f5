import { type Place, problem } from '../problem.ts'

// Far more than a machine needs, and what can be refused within a second whatever is in it.
const maxBytes = 512 * 1024

/**
 * The text of a file of the workspace, without its byte order mark.
 * @throws ProblemError FILE_TOO_LARGE, ENCODING
 */
export function decodeText(content: Uint8Array, file: string): string {
  if (content.byteLength > maxBytes) {
    throw problem('FILE_TOO_LARGE', `the file has ${content.byteLength} bytes, of ${maxBytes} that it may have`, {
      hint: 'split it, or leave it out of include',
      at: { file },
    })
  }
  const strict = decodeUtf8(content)
  const text = strict ?? new TextDecoder().decode(content)
  // UTF-16 may pass for UTF-8, and shows by its zeros.
  const wrong = text.indexOf(strict === undefined ? '\ufffd' : '\0')
  if (wrong === -1) return text
  throw problem('ENCODING', 'the file is not UTF-8 text', { hint: 'save it as UTF-8', at: placeOf(text, wrong, file) })
}

function decodeUtf8(content: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content)
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

/** Line and column of a character of a text. */
export function placeOf(text: string, offset: number, file: string): Place {
  const before = text.slice(0, offset)
  return { file, line: before.split('\n').length, column: offset - before.lastIndexOf('\n') }
}
