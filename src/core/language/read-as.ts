import type { z } from 'zod'
import { ProblemError } from '../problem.ts'
import { check } from './check.ts'
import { parseText } from './parse-text.ts'
import { placeIssues } from './place-issues.ts'

/**
 * Reads a file of the workspace by its schema.
 * @throws ProblemError with all that is wrong with it, at line and column
 */
export function readAs<S extends z.ZodType>(schema: S, content: Uint8Array, file: string): z.infer<S> {
  const checked = check(schema, parseText(content, file))
  if (checked.issues) throw new ProblemError(placeIssues(checked.issues, content, file))
  return checked.value
}
