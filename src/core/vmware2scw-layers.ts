import { bridgeName } from './language/network-mapping.ts'
import type { Vmware2scwPlan } from './language/vmware2scw.ts'
import { isMap, type JsonObject, type Layer, type Path, valueAt } from './layer.ts'

/** What a plan of vmware2scw says of one machine. */
export interface PlannedLayers {
  /** `defaults`, as weak as the `shared_config` of a batch. */
  readonly shared: Layer
  /** The entry, as strong as the `overrides` of a batch. */
  readonly overrides: Layer
}

/** How a plan takes a machine. */
export interface Taking {
  readonly plan: Vmware2scwPlan
  /** The plan as it stands, without defaults filled in. */
  readonly written: unknown
  readonly file: string
  /** The index in `migrations`. */
  readonly entry: number
  /** The index in `waves` of the one that has it. */
  readonly wave?: number
  /** Whether there are waves at all, here or in the workspace: else what an entry calls its wave is a word for the reader. */
  readonly inWaves: boolean
}

/** The layers of a machine that an entry of a plan takes. */
export function plannedLayers({ plan, written, file, entry, wave, inWaves }: Taking): PlannedLayers {
  const [defaultsPath, path] = [['defaults'], ['migrations', entry]]
  const { defaults, migrations } = plan
  const [general, own] = [mapAt(written, defaultsPath), mapAt(written, path)]
  const stated = inWaves && own.wave !== undefined
  const byPattern = wave !== undefined && !stated ? plan.waves[wave] : undefined
  const tags = [...new Set([...defaults.tags, ...(migrations[entry]?.tags ?? [])])]
  const sharedName = 'defaults of the plan'
  const ownName = `migrations[${entry}] of the plan`
  return {
    shared: {
      origin: {
        kind: 'shared_config',
        name: sharedName,
        file,
        path: defaultsPath,
        moved: [
          ...movedFrom(defaultsPath),
          ...(byPattern ? [{ to: ['wave'], from: ['waves', wave ?? 0, 'vms'] }] : []),
        ],
      },
      value: { ...settings(general), ...(byPattern ? { wave: byPattern.name } : {}) },
    },
    overrides: {
      origin: {
        kind: 'overrides',
        name: ownName,
        file,
        path,
        moved: [...movedTags(tags, plan, entry), ...movedFrom(path)],
      },
      value: {
        ...settings({ ...own, ...(own.tags === undefined ? {} : { tags }) }),
        ...picked(own, stated ? ['priority', 'wave'] : ['priority']),
        ...(own.notes === undefined ? {} : { metadata: { notes: own.notes } }),
      },
    },
  }
}

/** Networks that a plan maps to something that is no bridge, such as a private network of Scaleway, by their path. */
export function otherNetworks(plan: Vmware2scwPlan): readonly Path[] {
  const maps: readonly (readonly [Path, Readonly<Record<string, string>>])[] = [
    [['defaults', 'network_mapping'], plan.defaults.network_mapping],
    ...plan.migrations.map(
      ({ network_mapping: networks }, index) => [['migrations', index, 'network_mapping'], networks] as const,
    ),
  ]
  return maps.flatMap(([path, networks]) => {
    const others = Object.entries(networks).filter(([, to]) => !isBridge(to))
    return others.map(([network]) => [...path, network])
  })
}

const scalewayKeys = ['zone', 'target_type', 'sizing_strategy', 'tags', 'skip_validation']

function settings(written: JsonObject): JsonObject {
  const scaleway = picked(written, scalewayKeys)
  const networks = Object.entries(mapAt(written, ['network_mapping'])).filter(([, to]) => isBridge(to))
  return {
    ...(Object.keys(scaleway).length > 0 ? { scaleway } : {}),
    ...(networks.length > 0 ? { network_mapping: { source_networks: Object.fromEntries(networks) } } : {}),
  }
}

// Where they stand in the plan: flat.
function movedFrom(path: Path): NonNullable<Layer['origin']['moved']> {
  return [
    { to: ['scaleway'], from: path },
    { to: ['network_mapping', 'source_networks'], from: [...path, 'network_mapping'] },
    { to: ['metadata'], from: path },
  ]
}

// Those of both in one list: each from the list that has it.
function movedTags(tags: readonly string[], { defaults, migrations }: Vmware2scwPlan, entry: number) {
  const own = migrations[entry]?.tags ?? []
  return tags.map((tag, index) => {
    const [at, list]: readonly [Path, readonly string[]] = own.includes(tag)
      ? [['migrations', entry], own]
      : [['defaults'], defaults.tags]
    return { to: ['scaleway', 'tags', index], from: [...at, 'tags', list.indexOf(tag)] }
  })
}

function isBridge(to: unknown): boolean {
  return bridgeName.safeParse(to).success
}

function picked(map: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(keys.flatMap((key) => (map[key] === undefined ? [] : [[key, map[key]]])))
}

function mapAt(value: unknown, path: Path): JsonObject {
  const found = valueAt(value, path)
  return isMap(found) ? found : {}
}
