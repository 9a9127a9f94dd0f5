import { keptDomain } from '../../core/domain/kept-domain.ts'
import { type Problem, ProblemError } from '../../core/problem.ts'
import type { Artifact } from '../../core/record.ts'
import type { Remains } from '../../core/removal.ts'
import { undefine } from './define.ts'
import { type ListedDomain, listDomains } from './domains.ts'
import { domainEvidence, running } from './ours.ts'
import type { LibvirtSight } from './sight.ts'
import { destroyStorage, storageOf, storageRemains } from './storage-removal.ts'
import type { Virsh } from './virsh.ts'

/** What of libvirt an artifact is. */
function thingOf({ path }: Artifact): { readonly uri: string; readonly kind: string; readonly uuid: string } {
  const [, uri, kind, uuid] = /^([^#]*)#(domain|snapshot)\/([0-9a-f-]{36})/.exec(path) ?? []
  if (uri === undefined || kind === undefined || uuid === undefined) throw new Error(`${path} is nothing of libvirt`)
  return { uri, kind, uuid }
}

type Connect = (uri: string) => Virsh

/** What is there of something that h2k made in libvirt. */
export async function libvirtRemains(
  artifact: Artifact,
  going: readonly Artifact[],
  sight: LibvirtSight,
  connect: Connect,
  signal: AbortSignal,
): Promise<Remains> {
  const storage = storageOf(artifact)
  if (storage) return await storageRemains(artifact, storage, going, sight, connect(storage.uri), signal)
  const thing = thingOf(artifact)
  const virsh = connect(thing.uri)
  const listed = (await sight.domains(virsh, signal)).get(thing.uuid)
  if (!listed) return { standing: 'gone', bytes: 0, mark: '' }
  if (thing.kind === 'snapshot') return { standing: 'as made', bytes: 0, mark: '' }
  const domains = going.filter(({ path }) => path.startsWith(`${thing.uri}#domain/`))
  const others = domains.map((one) => thingOf(one).uuid)
  const { mark } = domainEvidence(keptDomain(await sight.domain(virsh, thing.uuid, others, signal)))
  const made = artifact.status === 'made' ? (artifact.evidence as { readonly mark?: string } | undefined)?.mark : mark
  return {
    standing: artifact.status === 'intended' ? 'unfinished' : made === mark ? 'as made' : 'changed',
    bytes: 0,
    mark,
    ...(listed.running || listed.saved ? { problem: inUse(thing.uri, listed) } : {}),
  }
}

/** Removes it; what libvirt keeps of a domain goes with it. */
export async function destroyInLibvirt(
  artifact: Artifact,
  sight: LibvirtSight,
  connect: Connect,
  signal: AbortSignal,
): Promise<void> {
  const storage = storageOf(artifact)
  if (storage) return await destroyStorage(artifact, storage, sight, connect(storage.uri), signal)
  const thing = thingOf(artifact)
  // Undefining the domain was the end of it; its files are artifacts of their own.
  if (thing.kind === 'snapshot') return
  const virsh = connect(thing.uri)
  const listed = (await sight.domains(virsh, signal)).get(thing.uuid)
  if (!listed) return
  if (listed.running || listed.saved) throw new ProblemError([inUse(thing.uri, listed)])
  await undefine(virsh, listed, signal)
}

/** Keeps disks from being replaced under a domain. @throws ProblemError TARGET_RUNNING */
export async function refuseRunning(
  artifacts: readonly Artifact[],
  connect: Connect,
  signal: AbortSignal,
): Promise<void> {
  for (const artifact of artifacts.filter(({ path }) => path.includes('#domain/'))) {
    const { uri, uuid } = thingOf(artifact)
    const listed = (await listDomains(connect(uri), signal)).get(uuid)
    if (listed?.running || listed?.saved) throw running(uri, listed, 'its disks would be replaced')
  }
}

function inUse(uri: string, { name, running }: ListedDomain): Problem {
  return {
    severity: 'error',
    code: 'DESTROY_REFUSED',
    summary: `the domain ${name} ${running ? 'runs' : 'was saved to go on later'}`,
    hint: running ? `shut it down: virsh -c '${uri}' shutdown ${name}` : `virsh -c '${uri}' managedsave-remove ${name}`,
  }
}
