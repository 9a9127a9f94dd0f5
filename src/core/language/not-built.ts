// Keys of the language that this version knows and cannot honour: refused with a clear word instead of ignored.
export const notBuiltKeys: ReadonlyMap<string, string> = new Map([
  ['network_mapping.source_networks.*.vpc', 'Scaleway target'],
  ['policy.rules.snapshot_depth', 'vSphere source'],
  ['concurrency.per_esxi_host', 'vSphere source'],
  ['concurrency.s3_upload', 'Scaleway target'],
  ['concurrency.scw_api', 'Scaleway target'],
])

/** Keys that say what kind of thing their map is: where they name one that is not built, its other keys are its own. */
export const notBuiltKinds: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  ['state.backend', new Map([['postgres', 'shared state in PostgreSQL']])],
])

/** What a known but not yet honoured key stands for; list indices in the path are left out. */
export function notBuilt(path: readonly PropertyKey[]): string | undefined {
  return notBuiltKeys.get(patternOf(path))
}

/** What a known but not yet honoured value of a key stands for. */
export function valueNotBuilt(path: readonly PropertyKey[], value: unknown): string | undefined {
  return typeof value === 'string' ? notBuiltKinds.get(patternOf(path))?.get(value) : undefined
}

/** Whether the value at a path says what kind of thing the map around it is. */
export function namesKind(path: readonly PropertyKey[]): boolean {
  return notBuiltKinds.has(patternOf(path))
}

// What users name themselves becomes `*`.
function patternOf(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => (['connections', 'source_networks'].includes(String(path[index - 1])) ? '*' : part))
    .filter((part) => typeof part === 'string')
    .join('.')
}
