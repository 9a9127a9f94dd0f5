import type { Issue } from '../core/language/check.ts'

/** Finds what is wrong with a value by a schema; the paths are those of the value. */
export type SchemaCheck = (value: unknown) => readonly Issue[]

/** Takes JSON Schemas of users. */
export interface JsonSchemas {
  /**
   * The check that a schema in a file stands for.
   * @throws ProblemError with all that is wrong with the schema, at line and column
   */
  compile(content: Uint8Array, file: string): SchemaCheck
  /** The same for a schema that h2k brings along: it takes as long as it takes on a busy host. */
  compileOwn(content: Uint8Array, file: string): SchemaCheck
}
