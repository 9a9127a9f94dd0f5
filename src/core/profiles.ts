import type { FileIssue, JsonObject, Layer } from './layer.ts'
import { mergeLayers } from './merge.ts'
import { chainLayers, type ProfileChain, type ProfileShelf, type ProfileUse, profileChain } from './profile-chain.ts'

export interface ResolvedProfile {
  /** Those below, then those of the profile, the weakest first. */
  readonly layers: readonly Layer[]
  /** What the layers come to. */
  readonly merged: JsonObject
  /** Whether another system would have made another profile of it. */
  readonly asksOs: boolean
}

export interface Profiles {
  /** A profile for a system, by what the machine or its source calls it; PROFILE_CYCLE, PROFILE_UNKNOWN. */
  resolve(name: string, os: string, use: ProfileUse): ResolvedProfile | FileIssue
  /** The layers below alone, for a machine without a profile. */
  none(): ResolvedProfile
}

/** Resolves profiles over the layers `below`, each only once for each system: ten thousand machines share the result. */
export function createProfiles(shelf: ProfileShelf, below: readonly Layer[] = []): Profiles {
  const chains = new Map<string, ProfileChain>()
  const resolved = new Map<string, ResolvedProfile>()
  const none = resolve(below, false)
  return {
    resolve(name, os, use) {
      const chain = chains.get(name) ?? profileChain(name, shelf, use)
      if ('code' in chain) return chain
      chains.set(name, chain)
      const key = JSON.stringify([name, chain.asksOs ? os : ''])
      const profile = resolved.get(key) ?? resolve([...below, ...chainLayers(chain, os)], chain.asksOs)
      resolved.set(key, profile)
      return profile
    },
    none: () => none,
  }
}

function resolve(layers: readonly Layer[], asksOs: boolean): ResolvedProfile {
  return { layers, merged: mergeLayers(layers), asksOs }
}
