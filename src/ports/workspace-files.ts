import type { Json } from '../core/json.ts'

/** The workspace's folder in git. Names are relative to it, with `/`. */
export interface WorkspaceFiles {
  /** Absolute. */
  readonly root: string
  /** Files that match any of the globs, sorted, each once. */
  find(patterns: readonly string[]): Promise<readonly string[]>
  /** Files right in a folder, sorted; undefined when there is no such folder. @throws ProblemError FILE_UNREADABLE */
  list(folder: string): readonly string[] | undefined
  /** @throws ProblemError FILE_UNREADABLE, WORKSPACE_MISSING for an `h2k.yaml` that is not there */
  read(file: string): Uint8Array
  /** The name of a file by its absolute path; outside of the workspace that path itself. */
  relative(path: string): string
  /** Names of the profiles that come with h2k, which `read` knows. */
  builtInProfiles(): readonly string[]
  /** The absolute path of `path` as seen from the folder of `file`. */
  resolve(file: string, path: string): string
  join(folder: string, name: string): string
}

/** Remembers by content what files were parsed to. Losing it costs time only. */
export interface ParseCache {
  get(key: string): Json | undefined
  set(key: string, value: Json): void
  save(): Promise<void>
}
