import { printable } from '../core/printable.ts'
import type { Place } from '../core/problem.ts'
import { placeText } from './problem-text.ts'

/** Resolved values, each with where it stands. */
export function resolvedText(
  values: readonly { readonly path: string; readonly value: unknown; readonly layer: string; readonly at: Place }[],
): string {
  const rows = values.map(({ path, value, layer, at }) => [
    printable(path),
    printable(JSON.stringify(value) ?? ''),
    `${placeText(at)} (${layer})`,
  ])
  const widths = [0, 1].map((column) => Math.min(60, Math.max(...rows.map((row) => row[column]?.length ?? 0), 0)))
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')).join('\n')
}
