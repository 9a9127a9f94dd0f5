import type { Chunk } from './chunks.ts'

/** What every worker of a copy is started with. File descriptors belong to the whole process. */
export interface Setup {
  readonly source: {
    readonly fd: number
    readonly offsetBytes: number
    readonly lengthBytes: number
    readonly capacityBytes: number
    readonly grainBytes: number
    readonly compressed: boolean
  }
  readonly target: {
    readonly fd: number
    /** Where the first grain with data goes; the others follow without gaps. Absent: each where the guest sees it. */
    readonly dataOffset?: number
  }
  /** Room for one chunk each, shared by all threads. */
  readonly slots: SharedArrayBuffer
  readonly slotBytes: number
}

/** Copy this chunk through that slot; with `again` it was copied before: read it back from the target. */
export interface CopyTask extends Chunk {
  readonly slot: number
  readonly again: boolean
}

/** How a chunk went. */
export type CopyResult =
  | {
      readonly index: number
      readonly slot: number
      /** 1 for each grain that turned out to hold zeros only: nothing was written for it. */
      readonly zeros: Uint8Array
      /** The first byte of the image that was used, and the one after the last. */
      readonly from: number
      readonly to: number
    }
  | { readonly index: number; readonly failure: Failure }

/** `corrupt`: the image is not what it says. `io`: reading or writing failed. */
export interface Failure {
  readonly kind: 'corrupt' | 'source' | 'target'
  readonly what: string
  readonly code?: string
}

/** What is hashed next: bytes that stand in no slot, stretches of a slot, or the zeros at the end. */
export type HashTask =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'slot'; readonly slot: number; readonly runs: readonly HashRun[] }
  | { readonly kind: 'end'; readonly zeroBytes: number }

export interface HashRun {
  /** Zeros that come before it and stand in no slot. */
  readonly zeroBytes: number
  readonly at: number
  readonly bytes: number
}

export type HashResult = { readonly freed: number } | { readonly sha256: string }
