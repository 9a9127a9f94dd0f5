import { diffJson, type FieldChange } from '../diff.ts'
import { asJson } from '../json.ts'
import type { KeptDomain } from './kept-domain.ts'

/** A domain with the switches that its XML does not hold. */
export interface DomainState {
  readonly domain: KeptDomain
  readonly autostart: boolean
  /** Whether it is to run, or runs: absent where nobody asked for it. */
  readonly running?: boolean
}

/** In what a domain is no longer as it was defined. `from` is what was recorded, `to` what is there. */
export function domainDrift(recorded: DomainState, observed: Required<DomainState>): readonly FieldChange[] {
  const compared = ({ domain, autostart }: DomainState) => asJson({ ...domain, autostart })
  const changes = diffJson(compared(recorded), compared(observed))
  // One that runs although nobody asked for it is what domains are for.
  return recorded.running && !observed.running ? [...changes, { path: 'running', from: true, to: false }] : changes
}

/** A few words for each change. */
export function driftText(changes: readonly FieldChange[]): string {
  const value = (json: FieldChange['from']) => (json === undefined ? 'nothing' : JSON.stringify(json))
  return changes.map(({ path, from, to }) => `${path}: ${value(from)} -> ${value(to)}`).join(', ')
}
