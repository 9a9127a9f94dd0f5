/** Formats that qemu-img reads, by the names it gives them after `-f`, except `vhd` (qemu: `vpc`). */
export const imageFormats = ['vmdk', 'qcow2', 'raw', 'vhd', 'vhdx', 'vdi'] as const
export type ImageFormat = (typeof imageFormats)[number]

/** Where the bytes of an image lie: a file of its own, or a stretch of an archive. */
export interface ImageLocation {
  readonly path: string
  readonly format: ImageFormat
  /** Set together when the image is a stretch of `path`, such as a disk inside an OVA. */
  readonly stretch?: { readonly offsetBytes: number; readonly lengthBytes: number }
}

/** How messages name an image. */
export function imageName({ path, stretch }: Pick<ImageLocation, 'path' | 'stretch'>): string {
  return stretch ? `${path} (the disk at byte ${stretch.offsetBytes})` : path
}

/** Bytes of a grain or cluster as nearly every writer has them: VMware's, and qemu's of qcow2. */
export const usualGrainBytes = 2 ** 16

/** What of an image is not as it mostly is in its format, and decides who can copy it. */
export interface Unusual {
  /** Of a grain or cluster, where that is not `usualGrainBytes`. */
  readonly grainBytes?: number
  /** What it has that h2k's own copier does not read, in words: `compressed clusters`. */
  readonly unread?: string
}

/** What h2k's own reader found in an image's header, before any tool opened it. */
export interface ImageHeader {
  readonly format: ImageFormat
  /** The kind within the format: `streamOptimized`, `monolithicSparse`, `twoGbMaxExtentFlat`, `v3` … */
  readonly variant: string
  readonly unusual?: Unusual
  /** What the guest sees. */
  readonly virtualBytes: number
  /** At most this many bytes of it hold data; less than `virtualBytes` for sparse images. */
  readonly allocatedBytes: number
  /** Every file that the image consists of, absolute, the one named first. */
  readonly files: readonly string[]
}

/** What kind of image it is. */
export type ImageKind = Pick<ImageHeader, 'variant' | 'unusual'>

/** That part of a header alone. */
export function kindOf({ variant, unusual }: ImageKind): ImageKind {
  return { variant, ...(unusual ? { unusual } : {}) }
}

/** Enough to see that a file is no longer what it was, without reading it. */
export interface FileIdentity {
  readonly path: string
  readonly bytes: number
  /** Modification time in nanoseconds since 1970, as a decimal string; of an address, what its server tells versions by. */
  readonly modified: string
}

/** Whether a file is still what it was, as far as size and time tell. */
export function sameFile(was: FileIdentity, is: FileIdentity | undefined): boolean {
  return was.bytes === is?.bytes && was.modified === is.modified
}
