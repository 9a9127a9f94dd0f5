import type { Issue } from './language/check.ts'
import type { Manifest } from './language/manifest.ts'
import type { WorkspaceConfig } from './language/workspace.ts'
import { isMap, type JsonObject, type Layer, type Path, valueAt } from './layer.ts'
import { originOf } from './origin.ts'
import { goesToLibvirt } from './resolve-target.ts'
import { type Switch, switches } from './switches.ts'

/**
 * Keys that say something where what they need is off. One that a stronger layer switched off is as it should be: that is
 * what layers are for.
 */
export function uselessKeys(
  manifest: Manifest,
  layers: readonly Layer[],
  config: Pick<WorkspaceConfig, 'connections' | 'defaults'>,
): readonly Issue[] {
  const seen = { manifest, inLibvirt: goesToLibvirt(manifest, config) }
  return switches.flatMap((rule) => {
    const block = valueAt(manifest, rule.block)
    return isMap(block) && rule.isOff(block, seen) ? withoutEffect(rule, block, layers) : []
  })
}

function withoutEffect({ block: path, by, needs, way, keys }: Switch, block: JsonObject, layers: readonly Layer[]) {
  const layerOf = (of: Path) => originOf(layers, of)?.layer ?? -1
  const switched = Math.max(...by.map(layerOf))
  const name = path.join('.')
  return Object.entries(keys)
    .filter(([key, silent]) => block[key] !== undefined && block[key] !== silent)
    .filter(([key]) => layerOf([...path, key]) >= switched)
    .map(
      ([key]): Issue => ({
        code: 'KEY_USELESS',
        path: [...path, key],
        summary: `${name}.${key} has no effect ${needs}`,
        hint: `${way}, or remove ${key}`,
      }),
    )
}
