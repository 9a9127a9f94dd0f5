import { domainDrift, driftText, liveDrift } from '../../core/domain/domain-drift.ts'
import type { DriftFinding } from '../../core/drift.ts'
import type { PublishedDomain } from '../../core/outputs.ts'
import type { ObservedDomain } from './observe.ts'

/** The domain as it is defined, and as it runs, against what was recorded. */
export function driftOfDomain(recorded: PublishedDomain, found: ObservedDomain | undefined): readonly DriftFinding[] {
  const about = { kind: 'domain', subject: recorded.domain.name } as const
  if (!found) return [{ ...about, status: 'Missing', detail: `is missing in ${recorded.uri}` }]
  const changes = domainDrift(recorded, found)
  const defined: DriftFinding =
    changes.length === 0
      ? { ...about, status: 'Synced' }
      : { ...about, status: 'OutOfSync', detail: `changed: ${driftText(changes)}`, changes }
  const live = found.live ? liveDrift(recorded.domain, found.live) : []
  const stands = found.paused ? [{ path: 'paused', from: false, to: true }] : []
  const running = [...live, ...stands]
  if (running.length === 0) return [defined]
  const detail = `runs with: ${driftText(running)}`
  return [defined, { ...about, status: 'OutOfSync', detail, changes: running, live: true }]
}
