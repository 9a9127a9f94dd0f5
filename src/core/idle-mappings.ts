import type { Issue } from './language/check.ts'
import type { Manifest } from './language/manifest.ts'
import { type Layer, type Path, valueAt } from './layer.ts'
import { normalMac } from './mapping-network.ts'
import { originOf } from './origin.ts'

/**
 * Entries of a mapping that name nothing of the machine, where its own manifest says both: a misspelt one would leave a disk
 * where it is without a word. What is said for many machines may name what only others have.
 */
export function idleMappings(manifest: Manifest, layers: readonly Layer[]): readonly Issue[] {
  const own = layers.findLast(({ origin }) => origin.kind === 'manifest')?.origin
  const isOwn = (path: Path) => {
    const found = originOf(layers, path)
    const origin = found && layers[found.layer]?.origin
    return origin?.kind === 'manifest' && origin.file === own?.file
  }
  const { disks, nics } = manifest
  const places = disks?.flatMap(({ id, datastore }) => [id, datastore])
  const addresses = nics?.map(({ mac }) => normalMac(mac ?? ''))
  const checked = [
    { path: ['storage_mapping', 'disk_mappings'], known: (name: string) => places?.includes(name), what: 'disk' },
    {
      path: ['network_mapping', 'mac_address_overrides'],
      known: (name: string) => addresses?.includes(normalMac(name)),
      what: 'NIC',
    },
  ]
  return checked.flatMap(({ path, known, what }) =>
    Object.keys(valueAt(manifest, path) ?? {})
      .filter((name) => known(name) === false && isOwn([...path, name]))
      .map((name) => idle([...path, name], what)),
  )
}

function idle(path: Path, what: string): Issue {
  const name = path.at(-1)
  const summary = `${path.slice(0, -1).join('.')}: "${String(name)}" is of no ${what} of the machine`
  return { code: 'KEY_USELESS', path, summary, hint: 'correct it, or remove it' }
}
