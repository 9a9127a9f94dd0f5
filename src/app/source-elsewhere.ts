import { dirname } from 'node:path'
import type { FileIdentity } from '../core/image.ts'
import type { Machine } from '../core/machine.ts'
import { printable } from '../core/printable.ts'
import type { FileThere, SeenDomain } from '../ports/domains.ts'
import type { Files } from '../ports/files.ts'

/** Something that speaks against a file here being the one that a domain of another host writes. */
export interface Doubt {
  readonly summary: string
  readonly hint: string
  /** Whether they are two files for sure; otherwise nobody can tell. */
  readonly certain: boolean
}

// A file system of another host may tell late what was written; of one that is off it has had the time.
const secondsApart = { on: 120, off: 1 }

/**
 * Compares the files of a machine with what the host of its source says of those under the same paths: two hosts may well
 * have two files of one name. None for a source of this host.
 */
export function doubtsElsewhere(
  { disks }: Pick<Machine, 'disks'>,
  { place, writes, elsewhere, on }: SeenDomain,
  files: Pick<Files, 'real' | 'identities' | 'beginning'>,
): readonly Doubt[] {
  if (!elsewhere) return []
  return disks.flatMap(({ from }) => {
    const real = files.real(from.path)
    const path = writes.find((one) => one === from.path || (real !== undefined && files.real(one) === real))
    if (real === undefined || path === undefined) return []
    // To open a file asks for what it is now, where to look at it may not.
    files.beginning(real, 1)
    const [here] = files.identities([real])
    const there = elsewhere.get(path)
    const what = `${printable(path)} of the host of ${printable(place.uri)}`
    if (!here || !there) {
      const folder = dirname(path)
      return {
        summary: `nothing tells whether ${what} is the file of that name here`,
        hint: `a storage pool there that has it tells: virsh -c '${place.uri}' pool-create-as h2k-source dir --target '${folder}'`,
        certain: false,
      }
    }
    if (!differs(here, there, on, from.format === 'raw')) return []
    const written = (seconds: number) => new Date(seconds * 1000).toISOString()
    const summary = `${what} has ${there.bytes} bytes, written at ${written(there.modifiedSeconds)}, and the file of that name here has ${here.bytes}, written at ${written(secondsOf(here))}: they are two files`
    return { summary, hint: 'have the folder of that host here, under the same path', certain: true }
  })
}

function differs(here: FileIdentity, there: FileThere, on: boolean, fixed: boolean): boolean {
  const apart = Math.abs(secondsOf(here) - there.modifiedSeconds)
  // While it runs an image that grows may be seen at two sizes.
  return apart > secondsApart[on ? 'on' : 'off'] || ((fixed || !on) && here.bytes !== there.bytes)
}

function secondsOf({ modified }: FileIdentity): number {
  return Number(modified) / 1e9
}
