import type { Issue } from './language/check.ts'
import type { Manifest } from './language/manifest.ts'
import type { Layer } from './layer.ts'
import { originOf } from './origin.ts'

const convert = ['pipeline', 'convert'] as const
const ofCompression = ['compression', 'compress_level'] as const
const ofConversion = ['compress', ...ofCompression, 'preallocation'] as const

/**
 * Keys of the conversion that say something where what they need is off. One that a stronger layer switched off is as it
 * should be: that is what layers are for.
 */
export function uselessKeys({ pipeline }: Manifest, layers: readonly Layer[]): readonly Issue[] {
  const asked = pipeline?.convert
  if (!asked) return []
  const layerOf = (key: string) => originOf(layers, [...convert, key])?.layer ?? -1
  const [needed, keys] = asked.enabled ? (['compress', ofCompression] as const) : (['enabled', ofConversion] as const)
  if (asked[needed]) return []
  return keys
    .filter((key) => ![undefined, false, 'off'].includes(asked[key] as undefined) && layerOf(key) >= layerOf(needed))
    .map((key) => ({
      code: 'KEY_USELESS',
      path: [...convert, key],
      summary: `pipeline.convert.${key} has no effect without ${needed}: true`,
      hint: `set pipeline.convert.${needed}: true, or remove ${key}`,
    }))
}
