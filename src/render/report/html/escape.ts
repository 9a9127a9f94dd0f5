import { printable } from '../../../core/printable.ts'

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text from outside, for an element or a quoted attribute. */
export function escapeHtml(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => entities[character] ?? '')
}

/** Lines, each for an element. */
export function escapeLines(text: string): string {
  return text.trimEnd().split('\n').map(escapeHtml).join('\n')
}
