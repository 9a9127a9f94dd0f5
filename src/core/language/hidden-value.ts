// Hashes of passwords, keys of tunnels, and whatever a seed holds.
const hidden = /^configuration\.(?:users\.create(?:\.\d+\.password$|$)|network(?:\.|$)|cloud_init(?:\.|$))/

/** A value of a manifest as it may be shown: what may be secret only says that it is there. */
export function shownValue(path: readonly PropertyKey[], value: unknown): unknown {
  return hidden.test(path.map(String).join('.')) && value !== null ? '(not shown)' : value
}
