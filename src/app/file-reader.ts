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

/** A file as it was when it was first asked for. */
interface Seen {
  readonly key: string
  readonly value: unknown
}

export function createFileReader(files: WorkspaceFiles, cache: ParseCache, version: string): FileReader {
  const seen = new Map<string, Seen>()
  const see = (file: string): Seen => {
    const content = files.read(file)
    const key = `${hash('sha256', content, 'hex')} ${version}`
    // JSON and YAML read the same text differently.
    const parsedKey = `${file.endsWith('.json') ? 'json' : 'yaml'} ${key}`
    const known = cache.get(parsedKey) as Pick<Seen, 'value'> | undefined
    if (known !== undefined) return { key, value: known.value }
    const value = parseText(content, file)
    cache.set(parsedKey, asJson({ value }))
    return { key, value }
  }
  const seenFile = (file: string): Seen => {
    const found = seen.get(file) ?? see(file)
    seen.set(file, found)
    return found
  }
  const parse = (file: string): unknown => seenFile(file).value
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
    contentKey: (file) => seenFile(file).key,
  }
}
