import { GrainFault } from './grain-data.ts'
import type { Failure } from './messages.ts'

/** What a thread tells of an error; one that is neither the image's nor the machine's is a bug, and thrown again. */
export function failureOf(error: unknown): Failure {
  if (error instanceof GrainFault) return { kind: 'corrupt', what: error.message }
  const { code, syscall, message } = error as NodeJS.ErrnoException
  if (code === undefined) throw error
  return { kind: syscall === 'write' ? 'target' : 'source', what: message, code }
}
