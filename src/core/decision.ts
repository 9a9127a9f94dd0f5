import type { FieldChange } from './diff.ts'
import { diffJson } from './diff.ts'
import type { Json } from './json.ts'
import type { StageRecord } from './record.ts'
import type { StageName } from './stage-names.ts'

/** Whether a stage runs, and why. */
export type Decision =
  | { readonly run: false }
  | { readonly run: true; readonly why: 'first' }
  | { readonly run: true; readonly why: 'redo' }
  | { readonly run: true; readonly why: 'changed'; readonly changes: readonly FieldChange[] }
  | { readonly run: true; readonly why: 'broken'; readonly reason: string }
  | { readonly run: true; readonly why: 'upstream'; readonly stage: StageName }
  /** What it left is gone, and a later stage that runs reads it. */
  | { readonly run: true; readonly why: 'needed'; readonly stage: StageName }
  | {
      readonly run: true
      readonly why: 'resume'
      readonly status: 'started' | 'failed' | 'interrupted'
      readonly message?: string
      /** How far it had come, 0 to 1, where it was known. */
      readonly fraction?: number
    }

export interface Facts {
  readonly record: StageRecord | undefined
  readonly fingerprint: string
  readonly redo: boolean
  /** Asked for, as the recorded one, only when they differ. */
  input(): Json
  /** The input of the recorded attempt. */
  recordedInput(): Json | undefined
}

/**
 * A stage runs when its input's fingerprint differs from the recorded one. Whether its recorded output still holds is a
 * question to the world, for whoever can ask it.
 */
export function decide({ record, fingerprint, input, redo, recordedInput }: Facts): Decision {
  if (!record) return { run: true, why: 'first' }
  if (record.status !== 'done') {
    return {
      run: true,
      why: 'resume',
      status: record.status,
      ...(record.message === undefined ? {} : { message: record.message }),
      ...(record.bytes > 0 ? { fraction: Math.min(1, record.bytesDone / record.bytes) } : {}),
    }
  }
  if (redo) return { run: true, why: 'redo' }
  if (record.fingerprint !== fingerprint) {
    return { run: true, why: 'changed', changes: diffJson(recordedInput(), input()) }
  }
  return { run: false }
}
