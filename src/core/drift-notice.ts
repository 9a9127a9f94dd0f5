import { addressOf } from './address.ts'
import type { MachineDrift } from './drift.ts'
import type { Notice } from './notice.ts'
import { formatCount } from './units.ts'

/** What is told of drift; undefined where everything is as it was, or git leaves it alone. */
export function driftNotice(machines: readonly MachineDrift[], workspace: string, at: string): Notice | undefined {
  const drifted = machines.filter(
    ({ status, suspended }) => suspended === undefined && (status === 'OutOfSync' || status === 'Missing'),
  )
  if (drifted.length === 0) return undefined
  const summary =
    drifted.length === 1
      ? `${addressOf(drifted[0]?.name ?? '')} is no longer what was recorded`
      : `${formatCount(drifted.length, 'machine')} are no longer what was recorded`
  const about = drifted.map(({ name, status, findings }) => {
    const finding = findings.find((one) => one.status === status)
    return {
      name,
      subject: finding ? `${finding.kind} ${finding.subject}` : status,
      message: finding?.detail ?? status,
    }
  })
  return { event: 'drift', workspace, at, summary, machines: about }
}
