import type { Chunk } from './chunks.ts'
import type { Written } from './direct.ts'
import type { Slots } from './slots.ts'
import type { SourceFile } from './source.ts'

/** What every thread of a copy is started with. File descriptors belong to the whole process. */
export interface Setup {
  readonly source: {
    readonly capacityBytes: number
    readonly grainBytes: number
    readonly files: readonly SourceFile[]
  }
  readonly target: Target
  readonly slots: Slots
  /** At the end of each slot, for what arrived of its grains; 0 when they are read from files. */
  readonly arrivedBytes: number
  /** One number, 1 from when the copy is over or given up: what takes long then ends. */
  readonly over: Int32Array
}

/** Where grains with data go. */
export type Target =
  /** Each where the guest sees it. */
  | (Written & { readonly kind: 'flat' })
  /** One behind the other, from `dataOffset` on. */
  | (Written & { readonly kind: 'packed'; readonly dataOffset: number })
  /** Compressed, each where there is room by then. */
  | { readonly kind: 'appended'; readonly fd: number; readonly compression: Compression }

export interface Compression {
  readonly type: 'zlib' | 'zstd'
  readonly level: number
}

/** Copy this chunk through that slot; with `again` it was copied before: read it back from the target. */
export interface CopyTask extends Omit<Chunk, 'arrived'> {
  readonly slot: number
  readonly again: boolean
}

/** The last message to a thread. */
export const leave = 'leave'

/** How a chunk went. */
export type CopyResult =
  | {
      readonly index: number
      readonly slot: number
      /**
       * Of each grain: 0 when it holds zeros only and nothing was written for it; else its bytes as they are kept. A grain's
       * own size means that it is not compressed. Compressed ones lie in the slot one behind the other, the others after them.
       */
      readonly kept: Uint32Array
    }
  | { readonly index: number; readonly failure: Failure }

/** `corrupt`: the image is not what it says. The others: reading or writing failed. */
export interface Failure {
  readonly kind: 'corrupt' | 'source' | 'target'
  readonly what: string
  /** Which of several it was, by name. */
  readonly source?: string
  readonly code?: string
}

/** What is done in the order of the guest's disk: hashing, and writing what only then has a place. */
export type OrderTask =
  | { readonly kind: 'hash'; readonly bytes: Uint8Array }
  | { readonly kind: 'slot'; readonly slot: number; readonly runs: readonly Run[] }
  /** The last one: so many zeros, and then the sum is told. */
  | { readonly kind: 'end'; readonly zeroBytes: number }

/** A stretch of a slot. */
export interface Run {
  readonly at: number
  readonly bytes: number
  /** Zeros that are hashed before it and stand in no slot. */
  readonly zeroBytes: number
  /** Where it is written, when it was not yet. */
  readonly writeAt?: number
}

export type OrderResult =
  | { readonly freed: number }
  | { readonly hashed: number }
  | { readonly sha256: string }
  | { readonly failure: Failure }
