import { type Downtime, downtimeOf, type StartPace } from '../core/downtime.ts'
import { recordedOutput } from '../core/machine-report.ts'
import type { PlannedMachine } from '../core/plan.ts'
import type { MachineRecord } from '../core/record.ts'
import { formatSeconds } from '../core/units.ts'
import type { Estimator } from './estimate.ts'
import { goesOnWriting } from './source-sight.ts'
import type { Subject } from './stage.ts'
import { stagesOf } from './stages/table.ts'
import type { Seen } from './subjects.ts'

/** Says of a planned machine how long its cutover takes it away, where there is a basis for that. */
export function withDowntime(
  planned: PlannedMachine,
  { desired, subject }: Seen,
  record: MachineRecord | undefined,
  start: StartPace | undefined,
  estimate: Estimator,
): PlannedMachine {
  const target = subject?.machine.target
  if (target?.kind !== 'libvirt' || !target.define || planned.cutOverAt !== undefined) return planned
  if (Object.keys(desired.manifest.cutover ?? {}).length === 0) return planned
  const downtime = downtimeOf(lastCopy(planned, subject, record, estimate), start)
  return downtime ? { ...planned, downtime } : planned
}

// Where the source is switched off, what it wrote is copied after that; where it is not, nothing is copied in the cutover.
function lastCopy(
  planned: PlannedMachine,
  subject: Subject | undefined,
  record: MachineRecord | undefined,
  estimate: Estimator,
): Downtime | undefined {
  if (!subject || !goesOnWriting(subject.machine)) return undefined
  if (planned.stages.some(({ stage }) => stage === 'convert')) return estimate([planned])
  const stages = [...(record?.stages.values() ?? [])].filter(({ status }) => status === 'done')
  const disks = recordedOutput(stages, 'convert')?.disks
  if (!disks) return undefined
  if (disks.some(({ engine }) => engine === 'imported')) {
    const writeBytes = disks.reduce((sum, { file }) => sum + file.bytes, 0)
    const again = stagesOf(subject.machine).map(({ name: stage }) => ({ stage }))
    return estimate([{ name: planned.name, writeBytes, stages: again }])
  }
  // A stage that found a disk copied already, as after a kill, was quick.
  const copying = disks.reduce((sum, disk) => sum + disk.seconds, 0)
  const seconds = stages.reduce(
    (sum, { stage, seconds: took }) => sum + (stage === 'convert' ? Math.max(took, copying) : took),
    0,
  )
  return { seconds, basis: `its copy took ${formatSeconds(seconds)}` }
}
