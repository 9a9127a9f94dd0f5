import type { Held } from './held.ts'
import type { Manifest } from './language/manifest.ts'
import { printable } from './printable.ts'

/**
 * Whether git leaves a machine as it is at a moment (ISO 8601), and how the plan says so. A date counts from its first minute,
 * UTC; one that has come is over.
 */
export function suspension({ suspend }: Pick<Manifest, 'suspend'>, now: string): Held | undefined {
  if (!suspend) return undefined
  const { until, why } = suspend
  if (until !== undefined && Date.parse(until) <= Date.parse(now)) return undefined
  const end = until === undefined ? '' : ` until ${printable(until)}`
  return { by: 'suspended', why: `is suspended${end}${why === undefined ? '' : ` (${printable(why)})`}` }
}
