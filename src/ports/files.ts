import type { FileIdentity } from '../core/image.ts'

/** Plain files on this host. */
export interface Files {
  /** What each path is now; undefined for those that are not there. Symbolic links are followed. */
  identities(paths: readonly string[]): readonly (FileIdentity | undefined)[]
  /** Whether something, be it a dangling link, has this name. */
  exists(path: string): boolean
  /** Free bytes, and an id of the file system, where `path` would be made. */
  space(path: string): { readonly freeBytes: number; readonly filesystem: string }
  /**
   * Writes a whole file under a temporary name, flushes it, renames it and flushes the folder, which it makes.
   * @throws ProblemError OUTPUT_NOT_OURS when a symbolic link has that name; STATE_UNWRITABLE
   */
  writeWhole(path: string, content: string, signal: AbortSignal): Promise<FileIdentity>
  /**
   * Removes a file with what an unfinished attempt at it left, and settles when that is on the disk; fine when it is gone.
   * @throws ProblemError DESTROY_REFUSED
   */
  remove(path: string, signal: AbortSignal): Promise<void>
  /** Hex. Reads the file on a thread of its own. */
  sha256(path: string, signal: AbortSignal, progress?: (bytesDone: number) => void): Promise<string>
}
