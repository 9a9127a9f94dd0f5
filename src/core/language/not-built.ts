// Keys of the language that this version knows and cannot honour: refused with a clear word instead of ignored.
const keys: Readonly<Record<string, string>> = {
  'pipeline.inspect': 'inspection of the guest',
  'pipeline.fix': 'repair of the guest',
  'pipeline.validate.boot_test': 'the boot test',
  configuration: 'guest configuration',
  options: 'options',
  profile: 'profiles',
  profile_overrides: 'profiles',
  profiles_directory: 'profiles',
  storage_mapping: 'storage mappings',
  hooks: 'hooks',
  libvirt_integration: 'the libvirt target',
  scaleway: 'the Scaleway target',
  wave: 'waves',
  waves: 'waves',
  priority: 'priorities',
  depends_on: 'dependencies between machines',
  on_remove: 'removal with the manifest',
  cutover: 'the cutover',
  suspend: 'suspension',
  policy: 'policies',
  'defaults.profile': 'profiles',
  'defaults.wave': 'waves',
  'defaults.network_mapping': 'mappings for the whole workspace',
  'concurrency.per_esxi_host': 'vSphere as a source',
  'concurrency.s3_upload': 'the Scaleway target',
  'concurrency.scw_api': 'the Scaleway target',
  'concurrency.guestfs': 'repair of the guest',
  'disks.pool': 'the libvirt target',
  batch_version: 'batches',
}

const values: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'connections.*.type': {
    libvirt: 'the libvirt target',
    vsphere: 'vSphere as a source',
    scaleway: 'the Scaleway target',
  },
  'state.backend': { postgres: 'a shared state in PostgreSQL' },
}

/** What a known but not yet honoured value of a key stands for. */
export function valueNotBuilt(path: readonly PropertyKey[], value: unknown): string | undefined {
  const known = values[path.map((part, index) => (path[index - 1] === 'connections' ? '*' : String(part))).join('.')]
  return typeof value === 'string' ? known?.[value] : undefined
}

/** What a known but not yet honoured key stands for; list indices in the path are left out. */
export function notBuilt(path: readonly PropertyKey[]): string | undefined {
  return keys[path.filter((part) => typeof part === 'string').join('.')]
}
