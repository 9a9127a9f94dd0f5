import { type ProblemError, problem } from '../../core/problem.ts'

/** A disk as its grains: which of them hold data, and where. Sizes and offsets are in bytes. */
export interface GrainSource {
  /** How messages name it. */
  readonly name: string
  /** What the guest sees. */
  readonly capacityBytes: number
  readonly grainBytes: number
  readonly files: readonly SourceFile[]
  /** In the order of the guest's disk, all of it, at most some thousand grains at a time. */
  batches(): AsyncIterable<GrainBatch>
}

/** One of the files that grains are read from; all threads share its descriptor. */
export interface SourceFile {
  readonly name: string
  readonly fd: number
  /** The image begins here, and has so many bytes. */
  readonly offsetBytes: number
  readonly lengthBytes: number
  /** Its grains are deflated, each behind a marker that says which one it is. */
  readonly compressed: boolean
}

/** Grains that follow each other on the guest's disk. */
export interface GrainBatch {
  /** Number of the first. */
  readonly first: number
  /** 0 for a hole; else 1 and the file's number. */
  readonly files: Uint8Array
  /** Where each lies in its file's image. */
  readonly offsets: Float64Array
}

/** The error for an image that cannot be what it says; the offset is told so that it can be looked at. */
export function corrupt(name: string, what: string): ProblemError {
  return problem('IMAGE_CORRUPT', `${name} ${what}`, {
    hint: 'copy it from its source again and compare the checksums; if it is the same there, export it again',
  })
}
