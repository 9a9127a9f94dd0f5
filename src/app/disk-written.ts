import { addressOf } from '../core/address.ts'
import { sameFile } from '../core/image.ts'
import { type Problem, ProblemError } from '../core/problem.ts'
import type { Files } from '../ports/files.ts'
import type { Target } from '../ports/target.ts'
import type { Work } from '../ports/work.ts'
import { handedOver, type Known, knownDisk } from './whereabouts.ts'
import { writtenOverlay } from './written-overlay.ts'

/** Where a machine that runs from the disk has, or may have, written to it since h2k made it; undefined where it has not. */
export function writtenSince(id: string, files: Files, known: Known): string | undefined {
  if (!handedOver(known)) return undefined
  const artifacts = known.artifacts()
  const own = artifacts.filter((artifact) => knownDisk(artifact)?.id === id)
  const written = own.find((artifact) => {
    const disk = knownDisk(artifact)
    if (!disk) return false
    // What is no file of this host nobody can tell without reading it.
    if (!artifact.path.startsWith('/')) return true
    const [now] = files.identities([artifact.path])
    return now !== undefined && (disk.written !== undefined || !sameFile(disk.file, now))
  })?.path
  return written ?? own.map(({ path }) => writtenOverlay(path, artifacts, files)).find((path) => path !== undefined)
}

/** The refusal to make a disk anew that a machine has written to. */
export function diskWritten(machine: string, id: string, path: string): Problem {
  return {
    severity: 'error',
    code: 'DISK_WRITTEN',
    summary: `disk ${id}: the machine wrote to ${path} since it was converted, and to convert it again would throw that away`,
    hint: `take the change back in git, or h2k apply --redo ${addressOf(machine, 'convert')} to begin anew`,
  }
}

/**
 * Keeps what a machine wrote from being thrown away by another conversion, unless it was asked for in so many words.
 * @throws ProblemError DISK_WRITTEN, TARGET_RUNNING
 */
export async function refuseWritten(
  id: string,
  files: Files,
  target: Pick<Target, 'refuseRunning'>,
  work: Work,
): Promise<void> {
  if (!handedOver(work)) return
  const artifacts = work.artifacts()
  const path = writtenSince(id, files, work)
  const machine = artifacts[0]?.machine ?? ''
  if (path !== undefined && !work.anew) throw new ProblemError([diskWritten(machine, id, path)])
  await target.refuseRunning(artifacts, work.signal)
}
