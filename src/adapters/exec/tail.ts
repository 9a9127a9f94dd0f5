import { printable } from '../../core/printable.ts'
import type { Command } from '../../ports/runner.ts'

export const keptCharacters = 64 * 1024

/** What a tool printed: the last part of it. */
export interface Tail {
  text(): string
  /** Counts all characters that came. */
  seen(): number
}

/** Reads a stream to its end and keeps the last `limit` characters. */
export function tail(
  stream: NodeJS.ReadableStream | NodeJS.WritableStream | null | undefined,
  limit: number,
  onText?: (text: string) => void,
): Tail {
  let kept = ''
  let seen = 0
  if (stream && 'setEncoding' in stream) {
    stream.setEncoding('utf8')
    stream.on('data', (text: string) => {
      onText?.(text)
      seen += text.length
      kept = (kept + text).slice(-limit)
    })
  }
  return { text: () => kept, seen: () => seen }
}

/** The last lines of it, for a message. */
export function lastWords(output: Tail): string {
  return printable(output.text().trim().split('\n').slice(-5).join(' | '))
}

/** A tool as messages name it: never more of its arguments than the first. */
export function toolTitle({ file, args }: Command): string {
  return printable(`${file} ${args[0]?.slice(0, 80) ?? ''}`.trim())
}
