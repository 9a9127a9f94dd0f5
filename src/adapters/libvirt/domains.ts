import type { DescribedDomain } from '../../core/domain/described-domain.ts'
import { parseDomain } from '../../core/domain/parse-domain.ts'
import { problem } from '../../core/problem.ts'
import { linesOf, type Virsh } from './virsh.ts'

/** A domain as libvirt lists it. */
export interface ListedDomain {
  readonly uuid: string
  readonly name: string
  readonly running: boolean
  /** It runs and stands still: somebody stopped it, or its disk was full. */
  readonly paused: boolean
  readonly autostart: boolean
  /** Its memory was saved to go on with: it is as good as running. */
  readonly saved: boolean
}

// Over one connection: over ssh each takes as long as many commands.
const listings = [
  'list --all --uuid --name',
  'list --uuid',
  'list --uuid --state-paused',
  'list --uuid --all --autostart',
  'list --uuid --all --with-managed-save',
]
// No domain has it in its name, and virsh's echo ends no line.
const between = '/'

/** All domains, by UUID. Absence comes from here and never from a command that failed. */
export async function listDomains(virsh: Virsh, signal: AbortSignal): Promise<ReadonlyMap<string, ListedDomain>> {
  const printed = await virsh.run([listings.join(`; echo ${between}; `)], signal)
  const sections = printed.split(between).map(linesOf)
  if (sections.length !== listings.length)
    throw problem('TARGET_FAILED', `${virsh.uri} listed only some of its domains`)
  const [all = [], ...flags] = sections
  const [running, paused, autostart, saved] = flags.map((uuids) => new Set(uuids.map((uuid) => uuid.trim())))
  return new Map(
    all.map((line) => {
      // The UUID has 36 characters, and the name, which may hold spaces, comes after one.
      const uuid = line.slice(0, 36)
      const is = (set: ReadonlySet<string> | undefined) => set?.has(uuid) ?? false
      const flags = { running: is(running), paused: is(paused), autostart: is(autostart), saved: is(saved) }
      return [uuid, { uuid, name: line.slice(37), ...flags }]
    }),
  )
}

/** What is to be started next time, whatever runs now. */
export async function describeDomain(virsh: Virsh, uuid: string, signal: AbortSignal): Promise<DescribedDomain> {
  const xml = await virsh.run(['dumpxml', '--inactive', '--', uuid], signal)
  return parseDomain(xml, `domain ${uuid} of ${virsh.uri}`)
}

// Short enough for a command line, long enough that a connection over ssh is made seldom.
const atOnce = 200

/** Many, as they are defined or as they run, over as few connections as can be. */
export async function describeDomains(
  virsh: Virsh,
  uuids: readonly string[],
  which: 'defined' | 'live',
  signal: AbortSignal,
): Promise<ReadonlyMap<string, DescribedDomain>> {
  const found = new Map<string, DescribedDomain>()
  const command = which === 'live' ? 'dumpxml' : 'dumpxml --inactive'
  for (let from = 0; from < uuids.length; from += atOnce) {
    const some = uuids.slice(from, from + atOnce)
    // Only UUIDs are put into it: virsh takes this text apart like a shell.
    const printed = await virsh.run([some.map((uuid) => `${command} ${uuid}`).join('; ')], signal)
    for (const xml of printed.split(/(?<=^<\/domain>$)/m).filter((text) => text.trim() !== '')) {
      const described = parseDomain(xml, `a domain of ${virsh.uri}`)
      if (described.uuid !== undefined) found.set(described.uuid, described)
    }
  }
  const missing = uuids.find((uuid) => !found.has(uuid))
  if (missing === undefined) return found
  throw problem('TARGET_FAILED', `${virsh.uri}: domain ${missing} went away while it was looked at`, {
    hint: 'try again',
  })
}
