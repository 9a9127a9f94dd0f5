import { isAbsolute, join, relative } from 'node:path'
import type { DescribedDomain } from '../core/domain/described-domain.ts'
import { type DiskOrigin, diskOrigins } from '../core/domain/disk-origins.ts'
import { domainManifest } from '../core/domain/domain-manifest.ts'
import { refusalsOf, refuseOtherMachines } from '../core/domain/importable.ts'
import { leftBehind } from '../core/domain/left-behind.ts'
import { domainOf } from '../core/domain/parse-domain.ts'
import { bytesOf } from '../core/domain/quantity.ts'
import type { ManifestDisk } from '../core/language/manifest.ts'
import { printable } from '../core/printable.ts'
import { type Problem, ProblemError, problem, problemsOf } from '../core/problem.ts'
import { parseXml } from '../core/xml.ts'
import { connectTools } from './wiring.ts'
import {
  fromManifest,
  type Imported,
  type ManifestPlace,
  manifestFile,
  networkComment,
  pairsOf,
  writeManifest,
} from './written-manifest.ts'

export interface DomainFlags extends ManifestPlace {
  readonly name?: string | undefined
  /** The connection of the workspace that the domain is at. */
  readonly connection?: string | undefined
  readonly bridge?: readonly string[] | undefined
  /** POOL=FOLDER */
  readonly 'pool-path'?: readonly string[] | undefined
  /** FROM=TO */
  readonly moved?: readonly string[] | undefined
  /** DISK=SIZE */
  readonly 'disk-size'?: readonly string[] | undefined
  readonly 'skip-disk'?: readonly string[] | undefined
  readonly checksums?: boolean
}

/** What is known of a domain besides its XML. */
interface Known {
  /** What is to be warned of. */
  readonly warnings: readonly string[]
  /** Of disks as its libvirt has them, in bytes. */
  readonly sizes: ReadonlyMap<string, number>
}

/**
 * Writes the manifest of a libvirt domain; `file` is where its XML is from.
 * @throws ProblemError with everything that cannot be taken over
 */
export async function importDomain(
  xml: string,
  file: string,
  flags: DomainFlags,
  signal: AbortSignal,
  known: Known = { warnings: [], sizes: new Map() },
): Promise<Imported> {
  const root = parseXml(xml, file)
  const domain = domainOf(root, file)
  const name = flags.name ?? domain.name
  const problems: Problem[] = []
  const refusals = refusalsOf(file, problems)
  const notes: string[] = [...leftBehind(root, flags['skip-disk'])]
  const warnings: string[] = [...known.warnings]
  const choices = {
    pools: absolute(pairsOf('--pool-path', flags['pool-path'] ?? [], 'default=/var/lib/libvirt/images')),
    moved: absolute(pairsOf('--moved', flags.moved ?? [], '/var/lib/libvirt/images=/srv/copies')),
    skipped: flags['skip-disk'] ?? [],
  }
  const sizes = sizesOf(flags['disk-size'] ?? [])
  refuseUnknownDisks([...choices.skipped, ...sizes.keys()], domain)
  refuseOtherMachines(domain, refusals)
  const origins = diskOrigins(domain, choices, refusals, { notes, warnings })
  const disks: ManifestDisk[] = []
  for (const origin of origins) {
    const written = inManifest(origin.path, manifestFile(name, flags), flags.folder)
    const disk = await attempt(
      () => {
        const size = { said: sizes.get(origin.target), told: known.sizes.get(origin.target) }
        return measure(origin, size, written, flags, warnings, signal)
      },
      (problem) => {
        problems.push({ ...problem, at: { file, line: origin.line } })
      },
    )
    if (disk) disks.push(disk)
  }
  if (problems.length > 0) throw new ProblemError(problems)
  const bridges = pairsOf('--bridge', flags.bridge ?? [], 'default=br0')
  const manifest = domainManifest(domain, disks, { name, bridges, notes, warnings, connection: flags.connection }, file)
  const comments = manifest.network_mapping ? { network_mapping: networkComment } : {}
  return await writeManifest(manifest, comments, name, flags)
}

async function measure(
  { id, target, path, format, bus, settings, bootRank }: DiskOrigin,
  { said, told }: { readonly said: number | undefined; readonly told: number | undefined },
  written: string,
  { checksums = false }: DomainFlags,
  warnings: string[],
  signal: AbortSignal,
): Promise<ManifestDisk> {
  const { disks, localFiles } = connectTools()
  const present = localFiles.identities([path])[0] !== undefined
  const size = said ?? (present ? undefined : told)
  if (!present && size === undefined) {
    throw problem('SOURCE_MISSING', `disk ${target}: ${path} is not on this host`, {
      hint: `copy it here and say --moved ${path}=COPY; or --disk-size ${target}=20GiB, and copy it before h2k apply`,
    })
  }
  const bytes = present ? (await disks.header({ path, format }, signal)).virtualBytes : size
  if (bytes === undefined || (size !== undefined && size !== bytes)) {
    throw problem('DISK_SIZE_DIFFERS', `disk ${target}: ${path} has ${bytes} bytes, --disk-size says ${size}`, {
      hint: `leave out --disk-size for ${target}`,
    })
  }
  if (!present && said === undefined) {
    warnings.push(`disk ${printable(target)}: ${printable(path)} is not on this host: copy it here before h2k apply`)
  }
  if (checksums && !present) {
    throw problem('SOURCE_MISSING', `disk ${target}: without ${path} there is nothing to hash`, {
      hint: 'leave out --checksums',
    })
  }
  return {
    id,
    source_format: format,
    bytes,
    local_path: written,
    ...(checksums ? { checksum: `sha256:${await localFiles.sha256(path, signal)}` } : {}),
    boot_order_hint: bootRank,
    ...(bootRank === 0 ? { disk_type: 'boot' as const } : {}),
    bus,
    ...settings,
  }
}

// What lies in the workspace moves with it.
function inManifest(path: string, file: string | undefined, folder: string): string {
  const inside = relative(folder, path)
  return inside.startsWith('..') || isAbsolute(inside) ? path : fromManifest(file, path)
}

function absolute(paths: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(paths).map(([from, to]) => [from, isAbsolute(to) ? to : join(process.cwd(), to)]),
  )
}

function sizesOf(flags: readonly string[]): ReadonlyMap<string, number> {
  const pairs = Object.entries(pairsOf('--disk-size', flags, 'vda=20GiB'))
  return new Map(
    pairs.map(([target, size]) => {
      const [, amount = '', unit = ''] = /^([0-9]+)([A-Za-z]*)$/.exec(size) ?? []
      const bytes = bytesOf(amount, unit === '' ? 'b' : unit)
      if (bytes) return [target, bytes]
      throw problem('USAGE', `--disk-size ${target}=${size}: it is no size`, { hint: '--disk-size vda=20GiB' })
    }),
  )
}

function refuseUnknownDisks(targets: readonly string[], { disks, name }: DescribedDomain): void {
  const unknown = targets.find((target) => !disks.some((disk) => disk.target === target))
  if (unknown === undefined) return
  throw problem('USAGE', `the domain ${name} has no disk ${unknown}`, {
    hint: `it has: ${disks.map(({ target }) => target).join(', ')}`,
  })
}

async function attempt<T>(work: () => Promise<T>, refuse: (problem: Problem) => void): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    const known = problemsOf(error)
    if (!known) throw error
    for (const each of known) refuse(each)
    return undefined
  }
}
