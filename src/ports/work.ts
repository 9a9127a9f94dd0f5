import type { CutoverStanding } from '../core/deeds.ts'
import type { Json } from '../core/json.ts'
import type { Artifact } from '../core/record.ts'

/** What a stage may do besides its work: report, and say what it makes before it makes it. */
export interface Work {
  readonly signal: AbortSignal
  /** Asked to be done anew: what an earlier attempt finished does not count. */
  readonly anew: boolean
  /** Bytes worked through so far, of those that the stage announced. Call it at least once. */
  progress(bytesDone: number): void
  /** What h2k knows of a path: undefined when h2k did not make it. */
  owned(path: string): Artifact | undefined
  /** Everything that h2k made of this machine, or was about to make. */
  artifacts(): readonly Artifact[]
  /** How far the machine is with its cutover. */
  cutover(): CutoverStanding
  /** The path for a file of this name among the run's logs. */
  logFile(name: string): string
  /** Settles when the state knows that this stage is about to make the file. */
  intend(path: string, fingerprint: string): Promise<void>
  /** Settles when the state knows that the file is complete under its final name. */
  made(path: string, evidence: Json): Promise<void>
  /** Settles when the state no longer holds the file for h2k's own. */
  removed(path: string): Promise<void>
}
