import { GrainFault } from './grain-data.ts'
import type { Failure } from './messages.ts'

/** Says of an error which of a copy's sources was being read. */
export function whileReading<Thrown>(error: Thrown, source: string): Thrown {
  return Object.assign(error as object, { readFrom: source }) as Thrown
}

/**
 * What a thread tells of an error: of reading when `whileReading` said so, else of the target. One that is neither the
 * image's nor the machine's is a bug, and thrown again.
 */
export function failureOf(error: unknown): Failure {
  const { code, message, readFrom } = error as NodeJS.ErrnoException & { readonly readFrom?: string }
  const source = readFrom === undefined ? {} : { source: readFrom }
  if (error instanceof GrainFault) return { kind: 'corrupt', what: error.message, ...source }
  if (!isOfTheSystem(error) || code === undefined) throw error
  return { kind: readFrom === undefined ? 'target' : 'source', what: message, code, ...source }
}

/** Whether it is what a call of the system said. */
export function isOfTheSystem(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error
}
