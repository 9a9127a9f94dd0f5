import type { OnRemove } from './record.ts'

/** How a machine's run goes; nothing of it changes what the machine becomes. */
export interface Steering {
  /** Planned and never applied. */
  readonly dryRun: boolean
  /** 0 to 3: how much the run says about it. */
  readonly verbose: number
  /** Where its report is written, relative to its output folder. */
  readonly report?: string
  readonly onRemove: OnRemove
}
