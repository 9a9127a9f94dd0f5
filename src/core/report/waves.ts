import type { ReportedMachine, RunReport } from '../language/run-report.ts'
import type { Foreseen } from '../record.ts'
import { countsOf } from './counts.ts'
import { envelope } from './span.ts'

/** How each wave of a run went; none where the workspace has none. */
export function reportedWaves(
  foreseen: Foreseen | undefined,
  machines: readonly ReportedMachine[],
): RunReport['waves'] {
  const planned = foreseen?.waves ?? []
  if (planned.length === 0) return []
  const waves = [...planned.map(({ name, pauseAfter }) => ({ name, pauseAfter })), { name: null, pauseAfter: null }]
  return waves.flatMap(({ name, pauseAfter }) => {
    const own = machines.filter(({ wave }) => wave === name)
    if (own.length === 0) return []
    const { total, successful, failed, waiting } = countsOf(own)
    return { wave: name, pause_after: pauseAfter, total, successful, failed, waiting, ...envelope(own) }
  })
}
