import { type DiskChoices, type DiskOrigin, diskOrigins } from '../../../src/core/domain/disk-origins.ts'
import { domainManifest } from '../../../src/core/domain/domain-manifest.ts'
import { refusalsOf, refuseOtherMachines } from '../../../src/core/domain/importable.ts'
import { leftBehind } from '../../../src/core/domain/left-behind.ts'
import { domainOf } from '../../../src/core/domain/parse-domain.ts'
import type { Manifest } from '../../../src/core/language/manifest.ts'
import type { Problem } from '../../../src/core/problem.ts'
import { parseXml } from '../../../src/core/xml.ts'

export interface ImportedDomain {
  /** Every disk as if its image had 1 GiB. */
  readonly manifest: Manifest
  readonly origins: readonly DiskOrigin[]
  /** `line summary -> hint` */
  readonly refused: readonly string[]
}

/** Imports a domain without looking at any image. */
export function importedFrom(
  xml: string,
  choices: Partial<DiskChoices> = {},
  bridges: Readonly<Record<string, string>> = {},
): ImportedDomain {
  const root = parseXml(xml, 'web01.xml')
  const domain = domainOf(root, 'web01.xml')
  const problems: Problem[] = []
  const refusals = refusalsOf('web01.xml', problems)
  const [notes, warnings]: [string[], string[]] = [[...leftBehind(root, choices.skipped)], []]
  refuseOtherMachines(domain, refusals)
  const origins = diskOrigins(domain, { pools: {}, moved: {}, skipped: [], ...choices }, refusals, { notes, warnings })
  const disks = origins.map(({ id, format, path, bus, settings, bootRank }) => {
    return { id, source_format: format, bytes: 2 ** 30, local_path: path, bus, ...settings, boot_order_hint: bootRank }
  })
  const manifest = domainManifest(domain, disks, { name: domain.name, bridges, notes, warnings }, 'web01.xml')
  return { manifest, origins, refused: problems.map(({ at, summary, hint }) => `${at?.line} ${summary} -> ${hint}`) }
}

/** A machine with what a test is about. */
export function domainWith({
  devices = '',
  rest = '',
  os = '<type machine="q35">hvm</type>',
  type = 'kvm',
} = {}): string {
  return `<domain type="${type}">
<name>web01</name><memory unit="GiB">2</memory><vcpu>2</vcpu>${rest}<os>${os}</os>
<devices>
${devices}
</devices></domain>`
}
