import type { NetworkAuth, NetworkHost, NetworkSource } from '../../core/domain/described-domain.ts'
import { networkAuthOf, networkHostsOf } from '../../core/domain/network-source.ts'
import { problem, problemsOf } from '../../core/problem.ts'
import { child, textOf, type XmlElement } from '../../core/xml.ts'
import type { RbdImage } from '../../ports/rbd-images.ts'
import { poolKind } from './pool-kind.ts'
import { linesOf, type Virsh } from './virsh.ts'

/** A pool of Ceph as a libvirt reaches it. */
export interface NetworkPool {
  /** What Ceph calls it. */
  readonly source: string
  readonly hosts: readonly NetworkHost[]
  readonly auth?: NetworkAuth
}

/** What the XML of a pool says of a cluster; nothing for a pool of another kind. */
export function networkPoolOf(pool: XmlElement): { readonly network?: NetworkPool } {
  const source = child(pool, 'source')
  if (!source || poolKind(pool.attributes.type ?? '') !== 'network') return {}
  const { hosts = [] } = networkHostsOf(source)
  return { network: { source: textOf(source, 'name')?.trim() ?? '', hosts, ...networkAuthOf(source) } }
}

/** How a domain names an image of the pool: libvirt does not look up volumes of such a pool for it. */
export function networkSource({ source, hosts, auth }: NetworkPool, volume: string): NetworkSource {
  return { kind: 'network', protocol: 'rbd', name: `${source}/${volume}`, hosts, ...(auth ? { auth } : {}) }
}

/**
 * An image of the pool with the key that its libvirt keeps.
 * @throws ProblemError TARGET_UNFIT where libvirt has no such secret or does not give it away, TARGET_UNREACHABLE
 */
export async function imageIn(
  virsh: Virsh,
  pool: { readonly name: string; readonly network: NetworkPool },
  volume: string,
  signal: AbortSignal,
): Promise<RbdImage> {
  const { source, hosts, auth } = pool.network
  const image = { pool: source, name: volume, hosts }
  return auth ? { ...image, auth: { user: auth.user, key: await keyOf(virsh, pool.name, auth, signal) } } : image
}

async function keyOf(virsh: Virsh, pool: string, { secret }: NetworkAuth, signal: AbortSignal): Promise<string> {
  try {
    const uuid = 'uuid' in secret ? secret.uuid : await uuidOf(virsh, secret.usage, signal)
    return (await virsh.run(['secret-get-value', `--secret=${uuid}`], signal)).trim()
  } catch (error) {
    const [refused] = problemsOf(error) ?? []
    if (refused?.code !== 'TARGET_FAILED') throw error
    throw problem('TARGET_UNFIT', `the key of the pool ${pool} cannot be had: ${refused.summary}`, {
      hint: "h2k writes into rbd itself, with the key of the pool’s secret: virsh secret-define, with private='no', then secret-set-value",
    })
  }
}

async function uuidOf(virsh: Virsh, usage: string, signal: AbortSignal): Promise<string> {
  const lines = linesOf(await virsh.run(['secret-list'], signal))
  const found = lines.map((line) => /^\s*(\S+)\s+ceph (.*?)\s*$/.exec(line)).find((match) => match?.[2] === usage)
  if (found?.[1] !== undefined) return found[1]
  throw problem('TARGET_FAILED', `${virsh.uri}: no secret for Ceph has the usage ${usage}`)
}
