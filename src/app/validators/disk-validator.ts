import type { Rule, Verdict } from '../../core/finding.ts'
import type { ImageLocation } from '../../core/image.ts'
import type { Validation } from '../../core/machine.ts'
import type { Context } from '../context.ts'

/** A written disk, and what it has to be. */
export interface ValidatedDisk {
  readonly id: string
  readonly virtualBytes: number
  readonly image: ImageLocation
  /** What it was copied from: the source, or the overlay in which it was repaired; only where the two are compared. */
  readonly source?: ImageLocation | undefined
}

export type Means = Pick<Context, 'disks' | 'files'>

/** One thing that is looked at in a written disk. */
export interface DiskValidator extends Rule {
  /** Its words in the plan. */
  readonly looksAt: string
  /** Whether the manifest asks for it; without it always. */
  wanted?(validation: Validation): boolean
  check(disk: ValidatedDisk, means: Means, signal: AbortSignal): Promise<Verdict>
}

export const copyAgain = 'apply again with --redo convert for this machine'
