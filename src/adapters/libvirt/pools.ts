import { bytesOf } from '../../core/domain/quantity.ts'
import { fingerprint } from '../../core/fingerprint.ts'
import type { LibvirtTarget } from '../../core/machine.ts'
import { problem } from '../../core/problem.ts'
import { child, parseXml, textOf } from '../../core/xml.ts'
import type { Work } from '../../ports/work.ts'
import { listPools } from './list-pools.ts'
import { type NetworkPool, networkPoolOf } from './network-pool.ts'
import { poolInFile } from './pool-file.ts'
import { type PoolOfKind, poolKind } from './pool-kind.ts'
import { askPoolAnew } from './refresh-pool.ts'
import type { Virsh } from './virsh.ts'

/** A storage pool that is ready to use. */
export interface Pool extends PoolOfKind {
  readonly uuid: string
  /** The folder that its volumes are in, where they are files or devices. */
  readonly path?: string
  /** Where its images are, when QEMU itself reaches them. */
  readonly network?: NetworkPool
  /** What libvirt says is free in it. */
  readonly freeBytes?: number
}

/** What the state calls a pool that h2k made. It sorts after the volumes in it. */
export function poolId(uri: string, pool: string): string {
  return `${uri}#volumes/${pool}`
}

/** The pool of that name, looked at anew; undefined when there is none. @throws ProblemError TARGET_UNFIT when it is not active */
export async function findPool(virsh: Virsh, name: string, signal: AbortSignal): Promise<Pool | undefined> {
  const listed = (await listPools(virsh, signal)).get(name)
  if (!listed) return undefined
  const { uuid } = listed
  if (!listed.active) {
    throw problem('TARGET_UNFIT', `the pool ${name} of ${virsh.uri} is not active`, {
      hint: `virsh -c '${virsh.uri}' pool-start ${name}`,
    })
  }
  const printed = await askPoolAnew(virsh, listed, 'pool-dumpxml', signal)
  const xml = parseXml(printed, `pool ${name} of ${virsh.uri}`)
  const type = xml.attributes.type ?? ''
  const target = child(xml, 'target')
  const path = target && textOf(target, 'path')
  const free = child(xml, 'available')
  // A Ceph without a manager tells of no room at all.
  const known = free && Number(textOf(xml, 'capacity')) !== 0
  const freeBytes = known ? bytesOf(free.text, free.attributes.unit) : undefined
  return {
    name,
    uuid,
    type,
    kind: poolKind(type),
    ...networkPoolOf(xml),
    ...(path === undefined ? {} : { path }),
    ...(freeBytes === undefined ? {} : { freeBytes }),
  }
}

// Two machines of one run may want the same pool at once.
const making = new Map<string, Promise<unknown>>()

/** The pool of that name, made where there is none: a folder, or what the XML that git names says. */
export async function usePool(
  virsh: Virsh,
  name: string,
  wanted: Pick<LibvirtTarget, 'poolPath' | 'poolXml'>,
  work: Work,
): Promise<Pool> {
  const id = poolId(virsh.uri, name)
  const turn = (making.get(id) ?? Promise.resolve()).then(() => findOrMake(virsh, name, wanted, work))
  making.set(
    id,
    turn.catch(() => undefined),
  )
  return await turn
}

async function findOrMake(
  virsh: Virsh,
  name: string,
  { poolPath, poolXml }: Pick<LibvirtTarget, 'poolPath' | 'poolXml'>,
  work: Work,
): Promise<Pool> {
  const { signal } = work
  const id = poolId(virsh.uri, name)
  // What a run that was killed began is finished first.
  const found = work.owned(id)?.status === 'intended' ? undefined : await findPool(virsh, name, signal)
  if (found) return found
  // It would make another pool, which nobody takes away.
  if (poolXml !== undefined) poolInFile(poolXml, name)
  await work.intend(id, fingerprint({ name, poolPath, poolXml }))
  const pool = `--pool=${name}`
  const known = (await listPools(virsh, signal)).get(name)
  if (!known) {
    if (poolXml === undefined) {
      await virsh.run(['pool-define-as', `--name=${name}`, '--type=dir', `--target=${poolPath}`], signal)
    } else await virsh.run(['pool-define', `--file=${poolXml}`], signal)
  }
  // Building any other kind may mean to format what is there.
  if (poolXml === undefined) await virsh.run(['pool-build', pool], signal)
  if (!known?.active) await virsh.run(['pool-start', pool], signal)
  await virsh.run(['pool-autostart', pool], signal)
  const made = await findPool(virsh, name, signal)
  if (!made) throw problem('TARGET_UNFIT', `${poolXml ?? poolPath} made no pool called ${name}`)
  await work.made(id, {})
  return made
}
