import type { FileIdentity } from '../core/image.ts'

/** A file of a web server, as it was when it was looked at. */
export interface WebFile {
  /** How messages name it: without what is secret. */
  readonly name: string
  readonly identity: FileIdentity
  /** Whether parts of it can be asked for. */
  readonly ranges: boolean
  /** Whether the rest of it can be asked for later: the server would tell if it were another file by then. */
  readonly resumable: boolean
}

export interface Stretch {
  readonly offsetBytes: number
  readonly lengthBytes: number
}

/** A file or a part of it on its way here. Each piece is over when the next is asked for. */
export interface Arrival extends AsyncIterable<Buffer> {
  /** No more is asked for; who still waits for more gets the error. */
  close(error?: Error): void
}

/** Web servers, asked with what the workspace's connections say. */
export interface Web {
  /** @throws ProblemError SOURCE_MISSING, SOURCE_UNREADABLE */
  look(address: string, signal: AbortSignal): Promise<WebFile>
  /**
   * Asks for a file, or for a stretch of one that has `ranges`, to be read once.
   * @throws ProblemError SOURCE_CHANGED when it is another file by now; SOURCE_MISSING, SOURCE_UNREADABLE
   */
  open(file: WebFile, stretch: Stretch | undefined, signal: AbortSignal): Promise<Arrival>
  /**
   * Reads exactly so many bytes. Without `ranges` only near the beginning.
   * @throws ProblemError as `open`; SOURCE_UNREADABLE
   */
  read(file: WebFile, stretch: Stretch, signal: AbortSignal): Promise<Buffer>
}

/**
 * Fetches a file, or a stretch of it, under a temporary name until it is complete and on the disk. One that was stopped is
 * gone on with: the path has to be another one for another file.
 * @throws ProblemError SOURCE_CHANGED, SOURCE_MISSING, SOURCE_UNREADABLE; SPACE_SHORT, OUTPUT_UNWRITABLE
 */
export type FetchWhole = (
  file: WebFile,
  stretch: Stretch | undefined,
  path: string,
  work: { readonly signal: AbortSignal; progress(bytesDone: number): void },
) => Promise<FileIdentity>
