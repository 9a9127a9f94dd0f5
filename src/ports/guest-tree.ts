/** The mounted files of a guest. Paths are absolute, as the guest sees them; symbolic links are followed inside of it. */
export interface GuestTree {
  /** Text as UTF-8; undefined when there is no such file. */
  read(path: string): Promise<string | undefined>
  readBytes(path: string): Promise<Uint8Array | undefined>
  /** Writes a whole file, keeping owner, mode and label of one that is there; a new one is root's, 0644 without `mode`. */
  write(path: string, content: string | Uint8Array, options?: { readonly mode?: number }): Promise<void>
  kind(path: string): Promise<'file' | 'directory' | 'link' | 'other' | undefined>
  /** Names in a folder, sorted; none when there is no such folder. */
  list(folder: string): Promise<readonly string[]>
  /** Paths that match a glob of fnmatch(3), sorted. */
  glob(pattern: string): Promise<readonly string[]>
  /** A file, a link, or a folder with all that is in it; nothing happens when it is not there. */
  remove(path: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  makeFolder(path: string, options?: { readonly mode?: number }): Promise<void>
  link(target: string, path: string): Promise<void>
  readLink(path: string): Promise<string | undefined>
  mode(path: string): Promise<number | undefined>
  /** In bytes. */
  size(path: string): Promise<number | undefined>
  setMode(path: string, mode: number): Promise<void>
  setOwner(path: string, uid: number, gid: number): Promise<void>
  /** Runs a program of the guest in it, by argv, without network. @throws ProblemError GUEST_TIMEOUT */
  run(argv: readonly string[], options?: { readonly timeoutSeconds?: number }): Promise<GuestCommandResult>
}

export interface GuestCommandResult {
  readonly exitCode: number
  /** Standard output and error, the last part of it. */
  readonly output: string
}
