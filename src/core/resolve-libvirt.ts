import { domainName } from './domain-xml.ts'
import type { Issue } from './language/check.ts'
import type { Manifest } from './language/manifest.ts'
import { libvirtUri } from './libvirt-uri.ts'
import type { LibvirtTarget } from './machine.ts'
import { originOf } from './origin.ts'
import type { Surroundings } from './resolve-target.ts'

const block = 'libvirt_integration'
const namePattern = /[\p{Cc}/]|^\.{0,2}$/u

/** `libvirt_integration`, with what the connection says of the libvirt that it means. */
export function resolveLibvirt(
  manifest: Manifest,
  { uri: connected, ...rest }: Pick<LibvirtTarget, 'connection' | 'directory' | 'domainType'> & { uri?: string },
  at: Surroundings,
  issues: Issue[],
): LibvirtTarget {
  const wanted = manifest.libvirt_integration ?? {}
  const refuse = (path: Issue['path'], summary: string, hint?: string) =>
    issues.push({ code: 'VALUE_INVALID', path, summary, ...(hint === undefined ? {} : { hint }) })
  const uri = wanted.uri ?? connected ?? 'qemu:///system'
  const place = libvirtUri(uri)
  if (!place) {
    const path = wanted.uri === undefined ? [] : [block, 'uri']
    refuse(path, `"${uri}" is no URI of a QEMU libvirt`, 'such as qemu:///system or qemu+ssh://root@kvm1/system')
  }
  const snapshot = wanted.create_snapshot ? (wanted.snapshot_name ?? 'pre-first-boot') : undefined
  if (snapshot !== undefined && namePattern.test(snapshot)) {
    refuse([block, 'snapshot_name'], `"${snapshot}" is no name of a snapshot: it is part of names of files`)
  }
  const define = wanted.define_domain ?? true
  for (const key of ['create_snapshot', 'autostart', 'auto_start'] as const) {
    if (!define && wanted[key]) refuse([block, key], `${block}.${key} has no effect with define_domain: false`)
  }
  // Beside a source that lives, neither its host nor h2k may start it.
  const isCutOver = Object.keys(manifest.cutover ?? {}).length > 0
  const autostart = wanted.autostart ?? false
  return {
    kind: 'libvirt',
    ...rest,
    uri: place?.uri ?? uri,
    domain: domainName(wanted.vm_name ?? at.name),
    define,
    overwriteDomain: wanted.overwrite_domain ?? false,
    overwriteVolumes: wanted.overwrite_volumes ?? false,
    poolPath: wanted.pool_path ?? '/var/lib/libvirt/images',
    ...poolXmlOf(wanted.pool_xml, at),
    move: wanted.copy_disks === false,
    ...(snapshot === undefined ? {} : { snapshot }),
    autostart: autostart && !isCutOver,
    ...(autostart && isCutOver ? { autostartAtCutover: true } : {}),
    running: (wanted.auto_start ?? false) && !isCutOver,
  }
}

function poolXmlOf(written: string | undefined, { layers, paths }: Surroundings): Pick<LibvirtTarget, 'poolXml'> {
  const layer = layers[originOf(layers, [block, 'pool_xml'])?.layer ?? -1]
  return written === undefined || !layer ? {} : { poolXml: paths.fromFile(layer.origin.file, written) }
}
