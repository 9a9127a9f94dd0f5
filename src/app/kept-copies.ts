import type { Decision } from '../core/decision.ts'
import { sameFile } from '../core/image.ts'
import type { ExportOutput } from '../core/outputs.ts'
import type { MachineRecord } from '../core/record.ts'
import type { Files } from '../ports/files.ts'
import { copyInput, copyKey } from './copy-input.ts'
import type { Subject } from './stage.ts'
import { type Known, soundCopies } from './whereabouts.ts'

/**
 * The ids of disks that another conversion of their machine leaves as they are: neither their source's files changed since they
 * were copied, nor what git wants of them, nor they themselves.
 */
export function keptCopies(
  subject: Subject,
  record: MachineRecord | undefined,
  decision: Decision | undefined,
  files: Files,
  known: Known,
): ReadonlySet<string> {
  const exported = record?.stages.get('export')
  const again = decision?.run === true && decision.why !== 'redo'
  // A repair writes to all disks of a guest.
  if (!again || exported?.status !== 'done' || subject.machine.repair) return new Set()
  const output = exported.output as unknown as ExportOutput
  const now = files.identities(output.files.map(({ path }) => path)).flatMap((file) => file ?? [])
  const complete = subject.machine.disks.every(({ id }) => output.disks.some((disk) => disk.id === id))
  if (!complete || now.length < output.files.length) return new Set()
  const { disks, conversion, files: sources } = copyInput(subject, { export: { ...output, files: now } })
  const kept = disks.filter((disk) => {
    const key = copyKey(disk, conversion, sources)
    const copies = soundCopies({ id: disk.id, path: disk.to.path }, files, known)
    return copies.some(({ artifact, disk: made, file }) => artifact.fingerprint === key && sameFile(made.file, file))
  })
  return new Set(kept.map(({ id }) => id))
}
