import type { Domain } from '../core/domain-xml.ts'
import type { PublishOutput } from '../core/outputs.ts'
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
}
