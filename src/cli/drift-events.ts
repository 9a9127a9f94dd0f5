import type { MachineDrift } from '../core/drift.ts'
import type { Emit } from '../core/events.ts'

/** Tells what drift was found, an event a machine. */
export function emitDrift(machines: readonly MachineDrift[], emit: Emit): void {
  for (const { name: machine, status, health, findings } of machines) {
    emit({
      type: 'drift',
      machine,
      status,
      health,
      findings: findings
        .filter((finding) => finding.status !== 'Synced')
        .map(({ kind, subject, status: of, detail, problem }) => {
          return { kind, subject, status: of, detail: problem?.summary ?? detail ?? '' }
        }),
    })
  }
}
