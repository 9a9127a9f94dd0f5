import { hash } from 'node:crypto'
import type { z } from 'zod'
import { asJson } from '../core/json.ts'
import { check } from '../core/language/check.ts'
import { parseText } from '../core/language/parse-text.ts'
import { placeIssues } from '../core/language/place-issues.ts'
import { ProblemError } from '../core/problem.ts'
import type { ParseCache, WorkspaceFiles } from '../ports/workspace-files.ts'

/** Reads files of the workspace; what was read before is known by its content. */
export interface FileReader {
  readonly files: WorkspaceFiles
  /** @throws ProblemError SYNTAX, ENCODING, FILE_… at line and column */
  parse(file: string): unknown
  /** @throws ProblemError with all that is wrong with the file */
  readAs<S extends z.ZodType>(schema: S, file: string): z.infer<S>
  /** Whether a value of this key passed its check before; `passed` says that it did. */
  isKnown(key: string): boolean
  passed(key: string): void
  /** Names a file's content. */
  contentKey(file: string): string
}

interface Parsed {
  readonly value: unknown
}

export function createFileReader(files: WorkspaceFiles, cache: ParseCache, version: string): FileReader {
  // A file is asked for several times, and is what it was at the first.
  const keys = new Map<string, string>()
  const keyOf = (file: string, content: Uint8Array) => {
    const key = `${hash('sha256', content, 'hex')} ${version}`
    keys.set(file, key)
    return key
  }
  const contentKey = (file: string) => keys.get(file) ?? keyOf(file, files.read(file))
  // JSON and YAML read the same text differently.
  const parsedKey = (file: string, key: string) => `${file.endsWith('.json') ? 'json' : 'yaml'} ${key}`
  const parse = (file: string): unknown => {
    const seen = keys.get(file)
    const before = seen === undefined ? undefined : cache.get(parsedKey(file, seen))
    if (before !== undefined) return (before as unknown as Parsed).value
    const content = files.read(file)
    const key = parsedKey(file, keyOf(file, content))
    const known = cache.get(key)
    if (known !== undefined) return (known as unknown as Parsed).value
    const value = parseText(content, file)
    cache.set(key, asJson({ value }))
    return value
  }
  return {
    files,
    parse,
    readAs(schema, file) {
      const checked = check(schema, parse(file))
      if (checked.issues) throw new ProblemError(placeIssues(checked.issues, files.read(file), file))
      return checked.value
    },
    isKnown: (key) => cache.get(`passed ${version} ${key}`) !== undefined,
    passed: (key) => cache.set(`passed ${version} ${key}`, true),
    contentKey,
  }
}
