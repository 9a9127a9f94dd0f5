import { parseDomain } from '../../core/domain/parse-domain.ts'
import { libvirtUri } from '../../core/libvirt-uri.ts'
import { nearest } from '../../core/nearest.ts'
import { brief, printable } from '../../core/printable.ts'
import { problem, problemsOf } from '../../core/problem.ts'
import type { SourceDomain } from '../../core/source-domain.ts'
import type { FileThere, SeenDomain } from '../../ports/domains.ts'
import { describeVolumeAt } from './describe-volume.ts'
import { type ListedDomain, listDomains } from './domains.ts'
import { linesOf, type Virsh } from './virsh.ts'

/** A domain that is to be imported. */
export interface ImportedDomain {
  /** What is to be started next time, whatever runs now. */
  readonly xml: string
  readonly running: boolean
  /** What the guest sees of its disks, in bytes, by libvirt's names for them; of those of which libvirt can tell. */
  readonly sizes: ReadonlyMap<string, number>
}

/**
 * Finds a domain by its name or UUID.
 * @throws ProblemError SOURCE_MISSING when libvirt lists none of that name, TARGET_UNREACHABLE when it cannot be asked, and
 *   as `Virsh.run` does
 */
export async function importedDomain(virsh: Virsh, wanted: string, signal: AbortSignal): Promise<ImportedDomain> {
  const domains = [...(await listDomains(virsh, signal)).values()]
  const byName = domains.find(({ name }) => name === wanted)
  const found = byName ?? domains.find(({ uuid }) => uuid === wanted.toLowerCase())
  if (!found) throw missing(virsh.uri, wanted, domains)
  const xml = await virsh.run(['dumpxml', '--inactive', '--', found.uuid], signal)
  return { xml, running: found.running, sizes: await sizesOf(virsh, found.uuid, signal) }
}

async function sizesOf(virsh: Virsh, uuid: string, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
  try {
    const lines = linesOf(await virsh.run(['domblkinfo', `--domain=${uuid}`, '--all'], signal))
    const rows = lines.flatMap((line) => {
      const [, target, capacity] = /^\s*(\S+)\s+([0-9]+)\s/.exec(line) ?? []
      return target === undefined ? [] : [[target, Number(capacity)] as const]
    })
    return new Map(rows)
  } catch (error) {
    // It refuses all where one is not there: then nobody knows.
    if (problemsOf(error)?.some(({ code }) => code === 'TARGET_FAILED')) return new Map()
    throw error
  }
}

/**
 * Looks at the domain that a machine comes from: at what runs where it runs, since that is what writes.
 * @throws ProblemError as `importedDomain` does
 */
export async function lookAtSource(
  virsh: Virsh,
  { name, uuid }: Pick<SourceDomain, 'name' | 'uuid'>,
  signal: AbortSignal,
): Promise<SeenDomain> {
  const domains = [...(await listDomains(virsh, signal)).values()]
  const found = domains.find((domain) => (uuid === undefined ? domain.name === name : domain.uuid === uuid))
  if (!found) throw missing(virsh.uri, uuid ?? name, domains)
  const { running, saved, autostart } = found
  const persistent = await virsh.run(['list', '--all', '--uuid', '--persistent'], signal)
  const writes = await writtenFiles(virsh, found, signal)
  return {
    place: { uri: virsh.uri, uuid: found.uuid, name: found.name },
    on: running,
    autostart,
    saved,
    persistent: persistent.includes(found.uuid),
    writes,
    ...(libvirtUri(virsh.uri)?.remote ? { elsewhere: await filesThere(virsh, writes, signal) } : {}),
  }
}

/** libvirt sees the files that are in its pools. */
async function filesThere(
  virsh: Virsh,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, FileThere>> {
  const found = new Map<string, FileThere>()
  for (const path of paths) {
    try {
      const { bytes, modified } = await describeVolumeAt(virsh, path, signal)
      if (modified !== '') found.set(path, { bytes, modifiedSeconds: Number(modified) })
    } catch (error) {
      if (!problemsOf(error)?.some(({ code }) => code === 'TARGET_FAILED')) throw error
    }
  }
  return found
}

async function writtenFiles(
  virsh: Virsh,
  { uuid, running }: ListedDomain,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const xml = await virsh.run(['dumpxml', ...(running ? [] : ['--inactive']), '--', uuid], signal)
  const paths: string[] = []
  for (const { device, source } of parseDomain(xml, `domain ${uuid} of ${virsh.uri}`).disks) {
    if (device !== 'disk' && device !== 'lun') continue
    if (source.kind === 'file' || source.kind === 'block') paths.push(source.path)
    if (source.kind !== 'volume') continue
    const printed = await virsh.run(['vol-path', `--vol=${source.volume}`, `--pool=${source.pool}`], signal)
    paths.push(printed.replace(/\n+$/, ''))
  }
  return paths
}

function missing(uri: string, wanted: string, domains: readonly ListedDomain[]) {
  const names = domains.map(({ name }) => name)
  const near = nearest(wanted, names)
  const known = names.length > 0 ? `it has: ${brief(names.join(', '))}` : 'it has no domain at all'
  return problem('SOURCE_MISSING', `${uri} has no domain "${printable(wanted)}"`, {
    hint: near === undefined ? known : `did you mean "${near}"?`,
  })
}
