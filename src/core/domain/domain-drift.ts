import { diffJson, type FieldChange } from '../diff.ts'
import { asJson } from '../json.ts'
import type { KeptDomain } from './kept-domain.ts'

/** A domain with the switches that its XML does not hold. */
export interface DomainState {
  readonly domain: KeptDomain
  /** Absent where nobody minds. */
  readonly autostart?: boolean
  /** Whether it is to run, or runs: absent where nobody asked for it. */
  readonly running?: boolean
}

/** In what a domain is no longer as it was defined. `from` is what was recorded, `to` what is there. */
export function domainDrift(recorded: DomainState, observed: Required<DomainState>): readonly FieldChange[] {
  const minded = recorded.autostart !== undefined
  const compared = ({ domain, autostart }: DomainState) => asJson(minded ? { ...domain, autostart } : domain)
  const changes = diffJson(compared(recorded), compared(observed))
  // One that runs although nobody asked for it is what domains are for.
  return recorded.running && !observed.running ? [...changes, { path: 'running', from: true, to: false }] : changes
}

/**
 * In what a domain that runs is other than it was defined: what was plugged in or pulled out, its memory, its CPUs. What
 * libvirt settles anew at each start is not looked at, nor what the guest may do by itself, such as to eject a disc.
 */
export function liveDrift(recorded: KeptDomain, live: KeptDomain): readonly FieldChange[] {
  return diffJson(asJson(plugged(recorded)), asJson(plugged(live)))
}

function plugged({ cpus, memoryBytes, currentMemoryBytes, disks, nics, devices }: KeptDomain) {
  const kept = disks.filter(({ device }) => device !== 'cdrom' && device !== 'floppy')
  return { cpus, memoryBytes, currentMemoryBytes, disks: kept, nics, devices }
}

/** A few words for each change. */
export function driftText(changes: readonly FieldChange[]): string {
  const value = (json: FieldChange['from']) => (json === undefined ? 'nothing' : JSON.stringify(json))
  return changes.map(({ path, from, to }) => `${path}: ${value(from)} -> ${value(to)}`).join(', ')
}
