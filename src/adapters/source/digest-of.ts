import type { ExportedDisk } from '../../core/outputs.ts'
import type { ExportInput } from '../../ports/source.ts'

/** What an export leaves of a disk's digest, if there is one: that it was checked, or what the copy has to find. */
export function digestOf(
  { checkedByCopy }: Pick<ExportInput, 'checkedByCopy'>,
  digest: string | undefined,
): Pick<ExportedDisk, 'checked' | 'claimed'> {
  if (digest === undefined) return {}
  return checkedByCopy ? { claimed: digest } : { checked: digest }
}
