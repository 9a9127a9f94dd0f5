import type { Domain } from '../core/domain-xml.ts'
import type { PublishOutput } from '../core/outputs.ts'
import type { Artifact } from '../core/record.ts'
import type { Remains } from '../core/removal.ts'
import type { Work } from './work.ts'

export interface PublishInput extends Domain {
  /** Absolute. */
  readonly directory: string
}

/** Where machines go. */
export interface Target {
  readonly kind: 'files'
  /** Every path that publishing writes. */
  paths(input: PublishInput): readonly string[]
  /** Makes the machine usable from its converted disks. */
  publish(input: PublishInput, work: Work): Promise<PublishOutput>
  /** What is there of something that a stage made. Only looks. */
  remains(artifact: Artifact, signal: AbortSignal): Promise<Remains>
  /**
   * Removes something that a stage made, and what an unfinished attempt at it left; settles when that will not come back
   * after a crash. Fine when it is gone already.
   * @throws ProblemError DESTROY_REFUSED
   */
  destroy(artifact: Artifact, signal: AbortSignal): Promise<void>
}
