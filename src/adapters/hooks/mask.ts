import { printable } from '../../core/printable.ts'

const shown = '***'
// Shorter values are words that stand everywhere, and no secrets.
const shortestSecret = 4
const shortestLine = 8

/** Hides secrets in text. */
export interface Mask {
  text(text: string): string
  /** Hides them in text that comes in pieces, also a secret that two pieces share. */
  stream(write: (text: string) => void): MaskedStream
}

export interface MaskedStream {
  write(piece: string): void
  end(): void
}

/** Knows each secret as it is, line by line, and as JSON, URLs and base64 write it. */
export function createMask(secrets: readonly string[]): Mask {
  const patterns = [...new Set(secrets.flatMap(writings))]
  const stream = (write: (text: string) => void) => maskedStream(patterns, write)
  return {
    stream: patterns.length === 0 ? (write) => ({ write, end: () => undefined }) : stream,
    text(text) {
      let masked = ''
      const all = stream((piece) => {
        masked += piece
      })
      all.write(text)
      all.end()
      return masked
    },
  }
}

function writings(secret: string): readonly string[] {
  if (secret.length < shortestSecret) return []
  const lines = secret.split(/\r?\n/).filter((line) => line.length >= shortestLine)
  return [secret, secret.trim(), ...lines]
    .filter((text) => text.length >= shortestSecret)
    .flatMap((text) => [
      text,
      printable(text),
      JSON.stringify(text).slice(1, -1),
      encodeURIComponent(text.toWellFormed()),
      Buffer.from(text).toString('base64'),
    ])
}

interface Span {
  readonly from: number
  readonly to: number
}

function maskedStream(patterns: readonly string[], write: (text: string) => void): MaskedStream {
  let pending = ''
  // So many characters at the start of `pending` belong to a secret that was shown as masked already.
  let covered = 0
  const emit = (end: number) => {
    if (end === 0) return
    const spans = merged([...(covered > 0 ? [{ from: 0, to: covered }] : []), ...spansOf(patterns, pending)])
    let text = ''
    let at = 0
    let left = 0
    for (const { from, to } of spans) {
      if (from >= end) break
      text += pending.slice(at, from) + (from === 0 && covered > 0 ? '' : shown)
      at = Math.min(to, end)
      left = Math.max(0, to - end)
    }
    text += pending.slice(at, end)
    pending = pending.slice(end)
    covered = left
    if (text !== '') write(text)
  }
  return {
    write(piece) {
      pending += piece
      emit(pending.length - possibleStart(patterns, pending))
    },
    end: () => emit(pending.length),
  }
}

function spansOf(patterns: readonly string[], text: string): readonly Span[] {
  const spans: Span[] = []
  for (const pattern of patterns) {
    for (let from = text.indexOf(pattern); from !== -1; from = text.indexOf(pattern, from + 1)) {
      spans.push({ from, to: from + pattern.length })
    }
  }
  return spans.sort((a, b) => a.from - b.from)
}

function merged(spans: readonly Span[]): readonly Span[] {
  const result: Span[] = []
  for (const span of spans) {
    const last = result.at(-1)
    if (last && span.from < last.to) result[result.length - 1] = { from: last.from, to: Math.max(last.to, span.to) }
    else result.push(span)
  }
  return result
}

/** How many of the last characters may be the start of a secret. */
function possibleStart(patterns: readonly string[], text: string): number {
  let longest = 0
  for (const pattern of patterns) {
    const most = Math.min(pattern.length - 1, text.length)
    for (let length = most; length > longest; length--) {
      if (text.endsWith(pattern.slice(0, length))) longest = length
    }
  }
  return longest
}
