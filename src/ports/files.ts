import type { FileIdentity, ImageLocation } from '../core/image.ts'

/** Plain files on this host. */
export interface Files {
  /** What each path is now; undefined for those that are not there. Symbolic links are followed. */
  identities(paths: readonly string[]): readonly (FileIdentity | undefined)[]
  /** Another after each write to a file, and for each that is put in its place with the same times; empty where none is. */
  version(path: string): string
  /** Whether something, be it a dangling link, has this name. */
  exists(path: string): boolean
  /** A path without the symbolic links in it; undefined where nothing is there. */
  real(path: string): string | undefined
  /** The first bytes of a plain file as text; undefined where there is none. Links are not followed. */
  beginning(path: string, bytes: number): string | undefined
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
  /**
   * Gives a file another name, over whatever has that name, and flushes both folders; makes the new one. Undefined, and
   * nothing done, where the two are on different file systems.
   * @throws ProblemError OUTPUT_NOT_OURS when a symbolic link has the new name; OUTPUT_UNWRITABLE, SPACE_SHORT
   */
  rename(from: string, to: string): Promise<FileIdentity | undefined>
  /**
   * Copies a file with its holes, reads the copy back and, when it is the right one, gives it its name.
   * @throws ProblemError RESULT_WRONG when the copy is not what `sha256` says; OUTPUT_NOT_OURS, OUTPUT_UNWRITABLE, SPACE_SHORT
   */
  copy(
    from: string,
    to: string,
    sha256: string,
    work: { readonly signal: AbortSignal; progress(bytesDone: number): void },
  ): Promise<FileIdentity>
  /**
   * Hashes a file or a stretch of it with an algorithm by Node's name for it. Hex.
   * @throws ProblemError FILE_UNREADABLE
   */
  digest(image: Pick<ImageLocation, 'path' | 'stretch'>, algorithm: string, signal: AbortSignal): Promise<string>
  /** Hex. Reads the file on a thread of its own. */
  sha256(path: string, signal: AbortSignal, progress?: (bytesDone: number) => void): Promise<string>
}
