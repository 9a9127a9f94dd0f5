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

/** What h2k's own reader found in an image's header, before any tool opened it. */
export interface ImageHeader {
  readonly format: ImageFormat
  /** The kind within the format: `streamOptimized`, `monolithicSparse`, `twoGbMaxExtentFlat`, `v3` … */
  readonly variant: string
  /** What the guest sees. */
  readonly virtualBytes: number
  /** At most this many bytes of it hold data; less than `virtualBytes` for sparse images. */
  readonly allocatedBytes: number
  /** Every file that the image consists of, absolute, the one named first. */
  readonly files: readonly string[]
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
