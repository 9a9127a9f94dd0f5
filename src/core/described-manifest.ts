import { Document, isMap, isScalar } from 'yaml'
import type { DescribedMachine } from './described.ts'
import type { Manifest, ManifestDisk, ManifestNic, NetworkMapping } from './language/manifest.ts'
import { manifestDisk } from './resolve-disks.ts'
import { manifestNic } from './resolve-nics.ts'

/** What an import knows besides the source's own description. */
export interface ImportChoices {
  readonly provider: 'local' | 'ova' | 'ovf'
  /** The OVA or OVF as the manifest will name it; absent for bare images. */
  readonly path?: string
  readonly name: string
  readonly cpu?: number
  readonly memoryGb?: number
  readonly firmware?: 'bios' | 'uefi'
  /** Source network to bridge. */
  readonly bridges: Readonly<Record<string, string>>
}

/** The manifest of a machine that a source describes: everything is written out, so that a reviewer sees it. */
export function describedManifest(described: DescribedMachine, choices: ImportChoices): Manifest {
  const networks = [...new Set(described.nics.map(({ network }) => network).filter((network) => network !== ''))]
  const bridgeOf = (network: string) => (Object.hasOwn(choices.bridges, network) ? choices.bridges[network] : undefined)
  const firmware = choices.firmware ?? described.firmware ?? 'bios'
  return importedManifest({
    source: {
      provider: choices.provider,
      ...(choices.path === undefined ? {} : { path: choices.path }),
      vm_name: choices.name,
    },
    vm: {
      cpu: choices.cpu ?? described.cpu ?? 1,
      mem_gb: choices.memoryGb ?? (described.memoryMib ?? 1024) / 1024,
      firmware,
      ...(described.secureBoot && firmware === 'uefi' ? { secureboot: true } : {}),
      ...(described.tpm ? { tpm: true } : {}),
      ...(described.osId ? { os_hint: described.osId } : {}),
    },
    disks: described.disks.map(manifestDisk),
    nics: described.nics.map(manifestNic),
    networks: Object.fromEntries(networks.map((network) => [network, bridgeOf(network) ?? { network: 'default' }])),
    warnings: described.warnings,
    notes: [],
  })
}

/** What an import found of a machine, whatever it was found in. */
export interface Found {
  readonly source: Manifest['source']
  readonly vm: NonNullable<Manifest['vm']>
  readonly disks: readonly ManifestDisk[]
  readonly nics: readonly ManifestNic[]
  /** Source network: where it goes. */
  readonly networks: NonNullable<NetworkMapping['source_networks']>
  /** A sentence each. */
  readonly warnings: readonly string[]
  readonly notes: readonly string[]
}

/** The manifest of what was found, with the stages that an import asks for. */
export function importedManifest({ source, vm, disks, nics, networks, warnings, notes }: Found): Manifest {
  return {
    manifest_version: '1.0',
    source,
    vm,
    disks: [...disks],
    ...(nics.length > 0 ? { nics: [...nics] } : {}),
    ...(Object.keys(networks).length > 0 ? { network_mapping: { source_networks: networks } } : {}),
    pipeline: { convert: { enabled: true, compress: false }, validate: { enabled: true } },
    output: { format: 'qcow2' },
    ...(notes.length > 0 ? { notes: [...notes] } : {}),
    ...(warnings.length > 0 ? { warnings: warnings.map((message) => ({ stage: 'import', message })) } : {}),
  }
}

/** The manifest as YAML, with a word above the keys at which a person has to look. */
export function manifestYaml(manifest: Manifest, comments: Readonly<Record<string, string>>): string {
  const document = new Document(manifest, { aliasDuplicateObjects: false })
  for (const { key } of isMap(document.contents) ? document.contents.items : []) {
    if (!isScalar(key) || typeof key.value !== 'string') continue
    const comment = comments[key.value]
    if (comment !== undefined) key.commentBefore = ` ${comment}`
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: false })
}
