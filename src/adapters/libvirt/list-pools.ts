import { problem } from '../../core/problem.ts'
import { linesOf, type Virsh } from './virsh.ts'

/** A pool as libvirt lists it. */
export interface ListedPool {
  readonly uuid: string
  readonly active: boolean
}

// No pool has it in its name, and virsh's echo ends no line.
const between = '/'

/** All pools by their names, over one connection. Absence comes from here and never from a command that failed. */
export async function listPools(virsh: Virsh, signal: AbortSignal): Promise<ReadonlyMap<string, ListedPool>> {
  const printed = await virsh.run([`pool-list --all --uuid --name; echo ${between}; pool-list --uuid --name`], signal)
  const sections = printed.split(between).map(linesOf)
  const [all = [], active = []] = sections
  if (sections.length !== 2) throw problem('TARGET_FAILED', `${virsh.uri} listed only some of its pools`)
  // The UUID has 36 characters, and the name, which may hold spaces, comes after one.
  const on = new Set(active.map((line) => line.slice(0, 36)))
  return new Map(
    all.map((line) => {
      const uuid = line.slice(0, 36)
      return [line.slice(37).trimEnd(), { uuid, active: on.has(uuid) }]
    }),
  )
}
