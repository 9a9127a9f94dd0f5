import { printable } from '../../core/printable.ts'
import { problemsOf } from '../../core/problem.ts'
import type { SourceMark } from '../../core/source-mark.ts'
import { parseXml } from '../../core/xml.ts'
import { buildXml } from '../../core/xml-node.ts'
import type { MarkFault, MarkStanding } from '../../ports/domains.ts'
import { type ListedDomain, listDomains } from './domains.ts'
import { snapshotsOf } from './snapshot.ts'
import { linesOf, type Virsh } from './virsh.ts'

const namespace = 'https://h2k.dev/xmlns/source/1.0'

/** Whether a source has its mark. Only looks. */
export async function markStanding(virsh: Virsh, mark: SourceMark, signal: AbortSignal): Promise<MarkStanding> {
  return await standingAmong(await listDomains(virsh, signal), virsh, mark, signal)
}

async function standingAmong(
  domains: ReadonlyMap<string, ListedDomain>,
  virsh: Virsh,
  mark: SourceMark,
  signal: AbortSignal,
): Promise<MarkStanding> {
  const listed = domains.get(mark.domain.uuid)
  if (!listed) return 'missing'
  if (mark.how === 'rename') {
    if (listed.name === mark.to) return 'marked'
    return listed.name === mark.domain.name ? 'not marked' : 'marked otherwise'
  }
  const tag = await tagOf(virsh, mark, signal)
  if (!tag) return 'not marked'
  return tag.workspace === mark.workspace && tag.machine === printable(mark.machine) ? 'marked' : 'marked otherwise'
}

/** Why a source cannot be marked, or could not be as it was again. */
export async function markFaults(virsh: Virsh, mark: SourceMark, signal: AbortSignal): Promise<readonly MarkFault[]> {
  const domains = await listDomains(virsh, signal)
  const standing = await standingAmong(domains, virsh, mark, signal)
  if (standing === 'marked') return []
  const { domain } = mark
  const what = `the domain ${printable(domain.name)}`
  const other = (why: string): MarkFault => ({ summary: `${what} ${why}`, hint: 'cutover: {source_action: none}' })
  if (mark.how === 'tag') {
    return standing === 'marked otherwise' ? [other('is tagged already as the source of another machine')] : []
  }
  if (standing === 'marked otherwise') return [other('was renamed by somebody else')]
  const to = printable(mark.to)
  const taken = [...domains.values()].some(({ name }) => name === mark.to)
  const checkpoints = linesOf(await virsh.run(['checkpoint-list', '--name', `--domain=${domain.uuid}`], signal))
  const kept = [...(await snapshotsOf(virsh, domain.uuid, signal)), ...checkpoints.map((name) => name.trim())]
  return [
    ...(taken ? [other(`cannot be called ${to}: ${domain.uri} has another domain of that name`)] : []),
    ...(kept.length > 0
      ? [
          {
            summary: `${what} has snapshots or checkpoints (${printable(kept.join(', '))}), and libvirt does not rename it with them`,
            hint: 'cutover: {source_action: tag}',
          },
        ]
      : []),
  ]
}

/** Marks a source; fine when it is marked already. */
export async function markSource(virsh: Virsh, mark: SourceMark, signal: AbortSignal): Promise<void> {
  if ((await markStanding(virsh, mark, signal)) === 'marked') return
  if (mark.how === 'rename') return await rename(virsh, mark, mark.to, signal)
  const { workspace, machine } = mark
  const node = { '@workspace': workspace, '@machine': printable(machine) }
  const xml = buildXml('migrated', node).trim()
  await virsh.run([...metadataOf(mark), '--config', '--key=h2k', `--set=${xml}`], signal)
}

/** Takes the mark away; what somebody else made of it meanwhile stays. */
export async function unmarkSource(virsh: Virsh, mark: SourceMark, signal: AbortSignal): Promise<MarkStanding> {
  const standing = await markStanding(virsh, mark, signal)
  if (standing !== 'marked') return standing
  if (mark.how === 'rename') await rename(virsh, mark, mark.domain.name, signal)
  else await virsh.run([...metadataOf(mark), '--config', '--remove'], signal)
  return standing
}

async function rename(virsh: Virsh, { domain }: SourceMark, name: string, signal: AbortSignal): Promise<void> {
  await virsh.run(['domrename', `--domain=${domain.uuid}`, `--new-name=${name}`], signal)
}

function metadataOf({ domain }: SourceMark): readonly string[] {
  return ['metadata', `--domain=${domain.uuid}`, `--uri=${namespace}`]
}

async function tagOf(virsh: Virsh, mark: SourceMark, signal: AbortSignal) {
  try {
    const printed = await virsh.run([...metadataOf(mark), '--config'], signal)
    return parseXml(printed, `the metadata of ${mark.domain.uuid}`).attributes
  } catch (error) {
    // That is how libvirt says that there is none.
    if (problemsOf(error)?.some(({ code }) => code === 'TARGET_FAILED')) return undefined
    throw error
  }
}
