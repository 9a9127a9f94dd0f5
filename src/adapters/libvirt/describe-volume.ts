import type { FileIdentity } from '../../core/image.ts'
import { child, parseXml, textOf } from '../../core/xml.ts'
import type { Pool } from './pools.ts'
import type { Virsh } from './virsh.ts'

/** A volume as libvirt sees it, named by what the state calls it. */
export async function lookAt(
  virsh: Virsh,
  pool: string,
  volume: string,
  path: string,
  signal: AbortSignal,
): Promise<FileIdentity> {
  const printed = await virsh.run(['vol-dumpxml', `--pool=${pool}`, `--vol=${volume}`], signal)
  return { path, ...volumeIn(printed, `volume ${volume} of ${virsh.uri}`).described }
}

/** How large it is, and when it was written last, in libvirt's words. */
export type DescribedVolume = Pick<FileIdentity, 'bytes' | 'modified'>

/** A volume by where it is on its host, whatever its pool. @throws ProblemError TARGET_FAILED for what is in no pool */
export async function describeVolumeAt(virsh: Virsh, path: string, signal: AbortSignal): Promise<DescribedVolume> {
  return volumeIn(await virsh.run(['vol-dumpxml', `--vol=${path}`], signal), `${path} of ${virsh.uri}`).described
}

// Short enough for a command line.
const atOnce = 100

/**
 * Volumes that are in a pool, over as few connections as can be. virsh takes a text of several commands apart like a shell: what
 * has a name in which something could hide is asked for by itself.
 */
export async function describeVolumes(
  virsh: Virsh,
  { uuid }: Pick<Pool, 'uuid'>,
  volumes: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, DescribedVolume>> {
  const found = new Map<string, DescribedVolume>()
  const plain = volumes.filter((volume) => /^[a-zA-Z0-9][a-zA-Z0-9._-]*$/.test(volume))
  for (let from = 0; from < plain.length; from += atOnce) {
    const some = plain.slice(from, from + atOnce)
    const commands = some.map((volume) => `vol-dumpxml --pool ${uuid} --vol ${volume}`)
    const printed = await virsh.run([commands.join('; ')], signal)
    for (const xml of printed.split(/(?<=^<\/volume>$)/m).filter((text) => text.trim() !== '')) {
      const { name, described } = volumeIn(xml, `a volume of ${virsh.uri}`)
      found.set(name, described)
    }
  }
  for (const volume of volumes) {
    if (found.has(volume)) continue
    const { path: _path, ...described } = await lookAt(virsh, uuid, volume, '', signal)
    found.set(volume, described)
  }
  return found
}

function volumeIn(printed: string, what: string): { readonly name: string; readonly described: DescribedVolume } {
  const xml = parseXml(printed, what)
  const target = child(xml, 'target')
  const times = target && child(target, 'timestamps')
  const bytes = Number(textOf(xml, 'physical') ?? textOf(xml, 'capacity') ?? 0)
  return {
    name: child(xml, 'name')?.text ?? '',
    described: { bytes, modified: (times && textOf(times, 'mtime')) ?? '' },
  }
}
