import type { FieldChange } from './diff.ts'
import type { Json } from './json.ts'
import { printable } from './printable.ts'
import { shownValue } from './relocate.ts'

const shownCharacters = 60

/** A field that differs, in a line: `vm.cpu: 1 -> 2 (manifests/web.yaml:3:12)`. */
export function changeText({ path, from, to, at }: FieldChange): string {
  const place = at
    ? ` (${[printable(at.file), at.line, at.column].filter((part) => part !== undefined).join(':')})`
    : ''
  return `${printable(path)}: ${value(from)} -> ${value(to)}${place}`
}

function value(json: Json | undefined): string {
  if (json === undefined) return '(none)'
  const text = printable(JSON.stringify(shownValue(json)))
  return text.length <= shownCharacters ? text : `${text.slice(0, shownCharacters)}…`
}
