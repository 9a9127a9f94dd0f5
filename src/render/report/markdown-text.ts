import { printable } from '../../core/printable.ts'

/** Text from outside as code: no link, mention or tag comes of it, and no cell of a table ends in it. */
export function code(text: string): string {
  if (text === '') return ''
  const shown = printable(text).replaceAll('|', '\\|')
  const fence = '`'.repeat(longestRun(shown) + 1)
  const pad = /^[` ]|[` ]$/.test(shown) ? ' ' : ''
  return `${fence}${pad}${shown}${pad}${fence}`
}

/** Lines as they are, in a fence longer than any in them. */
export function fenced(text: string): string {
  const lines = text.trimEnd().split('\n').map(printable)
  const fence = '`'.repeat(Math.max(2, longestRun(text)) + 1)
  return `${fence}text\n${lines.join('\n')}\n${fence}`
}

/** A table; the cells are Markdown. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

function longestRun(text: string): number {
  return (text.match(/`+/g) ?? []).reduce((longest, { length }) => Math.max(longest, length), 0)
}
