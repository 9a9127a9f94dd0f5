import { type FileIssue, isMap, type JsonObject, type Layer, valueAt } from './layer.ts'
import { mergeLayers, withoutNulls } from './merge.ts'
import type { ProfileUse } from './profile-chain.ts'
import type { Profiles } from './profiles.ts'

/** What git says about one machine, besides its profile. Each part may be more than one layer, the weakest first. */
export interface MachineParts {
  readonly manifest: readonly Layer[]
  /** `shared_config` of the batch. */
  readonly shared?: readonly Layer[]
  /** `overrides` of the batch's entry. */
  readonly overrides?: readonly Layer[]
  /** Whether `shared_config` is stronger than the manifest. */
  readonly sharedConfigWins?: boolean
}

export interface LayeredMachine {
  /** Still to be checked by the manifest's schema. */
  readonly merged: JsonObject
  /** The weakest first. */
  readonly layers: readonly Layer[]
  readonly profile?: string
  /** Whether the profile asks for the system and git does not say it: lay again once the source has said it. */
  readonly wantsOs: boolean
}

/**
 * All layers of a machine, the weakest first: the workspace's defaults and the profile (`below`), `profile_overrides`,
 * `shared_config`, the manifest, the batch's overrides.
 */
function machineLayers(below: readonly Layer[], parts: MachineParts): readonly Layer[] {
  const declared = declaredLayers(parts)
  return [...below, ...profileOverrides(declared), ...declared.map(withoutProfileOverrides).map(withoutNullsInItems)]
}

const describedLists = ['disks', 'nics', 'warnings'] as const

// Other tools write every key that they know. A list replaces what is below it, so there is nothing that a null could remove.
function withoutNullsInItems(layer: Layer): Layer {
  const { value } = layer
  const keys = describedLists.filter((key) => listed(value[key]).some(holdsNull))
  if (keys.length === 0) return layer
  const cleaned = keys.map((key) => [key, listed(value[key]).map((item) => (isMap(item) ? withoutNulls(item) : item))])
  return { ...layer, value: { ...value, ...Object.fromEntries(cleaned) } }
}

function listed(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function holdsNull(item: unknown): boolean {
  return isMap(item) && Object.keys(item).some((key) => item[key] === null || holdsNull(item[key]))
}

function declaredLayers({ manifest, shared = [], overrides = [], sharedConfigWins = false }: MachineParts) {
  return sharedConfigWins ? [...manifest, ...shared, ...overrides] : [...shared, ...manifest, ...overrides]
}

// They merge among themselves as the layers do in which they stand.
function profileOverrides(declared: readonly Layer[]): readonly Layer[] {
  let layers: readonly Layer[] = []
  for (const { origin, value } of declared) {
    const overrides = valueAt(value, ['profile_overrides'])
    if (overrides === null) layers = []
    if (!isMap(overrides)) continue
    const [name, path] = [`profile_overrides of ${origin.name}`, [...origin.path, 'profile_overrides']]
    layers = [...layers, { origin: { kind: origin.kind, name, file: origin.file, path }, value: overrides }]
  }
  return layers
}

// What is no map stays, for the schema to refuse.
function withoutProfileOverrides(layer: Layer): Layer {
  if (!isMap(valueAt(layer.value, ['profile_overrides']))) return layer
  const { profile_overrides: _, ...value } = layer.value
  return { ...layer, value }
}

/**
 * Lays a machine over its profile, and that over the layers below it; PROFILE_CYCLE, PROFILE_UNKNOWN. `observedOs` is what the
 * source calls its system, for when git does not say it.
 */
export function layMachine(profiles: Profiles, parts: MachineParts, observedOs?: string): LayeredMachine | FileIssue {
  const declared = declaredLayers(parts)
  const named = profileNamed([...profiles.none().layers, ...declared])
  const os = osOf(declared)
  const profile = named ? profiles.resolve(named.name, os ?? observedOs ?? 'unknown', named.place) : profiles.none()
  if ('code' in profile) return profile
  const layers = machineLayers(profile.layers, parts)
  const merged = mergeLayers([{ value: profile.merged }, ...layers.slice(profile.layers.length)])
  return { merged, layers, wantsOs: profile.asksOs && os === undefined, ...(named ? { profile: named.name } : {}) }
}

// The strongest layer that says anything about a profile decides; a null there means none.
function profileNamed(layers: readonly Layer[]): { readonly name: string; readonly place: ProfileUse } | undefined {
  const layer = layers.findLast(({ value }) => valueAt(value, ['profile']) !== undefined)
  const name = layer && valueAt(layer.value, ['profile'])
  if (layer === undefined || typeof name !== 'string') return undefined
  return { name, place: { file: layer.origin.file, path: [...layer.origin.path, 'profile'] } }
}

/** The folder that the strongest layer names for a machine's own profiles, and where it says so. */
export function profilesFolder(parts: MachineParts): (ProfileUse & { readonly folder: string }) | undefined {
  const key = ['profiles_directory']
  const layer = declaredLayers(parts).findLast(({ value }) => valueAt(value, key) !== undefined)
  const folder = layer && valueAt(layer.value, key)
  if (layer === undefined || typeof folder !== 'string' || folder === '') return undefined
  return { folder, file: layer.origin.file, path: [...layer.origin.path, ...key] }
}

function osOf(declared: readonly Layer[]): string | undefined {
  const hints = declared.map(({ value }) => valueAt(value, ['vm', 'os_hint'])).filter((hint) => hint !== undefined)
  const hint = hints.at(-1)
  return typeof hint === 'string' && hint !== 'unknown' ? hint : undefined
}
