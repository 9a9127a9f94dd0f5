import { problem } from '../../core/problem.ts'

/** A descriptor or a manifest that cannot be one. */
export function tooLarge(path: string, bytes: number) {
  return problem('SOURCE_UNREADABLE', `${path} has ${bytes} bytes, far more than such a file needs`, {
    at: { file: path },
  })
}
