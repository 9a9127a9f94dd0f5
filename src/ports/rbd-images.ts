import type { NetworkHost } from '../core/domain/described-domain.ts'

/** An image of a Ceph cluster, and how it is reached. */
export interface RbdImage {
  /** The pool of the cluster. */
  readonly pool: string
  readonly name: string
  /** Its monitors; without any the settings of this host's Ceph say them. */
  readonly hosts: readonly NetworkHost[]
  readonly auth?: { readonly user: string /** Base64. */; readonly key: string }
}

/**
 * Raw images in Ceph that are there already, read and written from this host.
 * @throws ProblemError TARGET_UNREACHABLE where the cluster does not answer this host or refuses it, TARGET_FAILED, TOOL_MISSING,
 *   also for a qemu that knows no Ceph, TOOL_TIMEOUT
 */
export interface RbdImages {
  /** Settles when this host has a driver for Ceph. Reaches for none. */
  driver(signal: AbortSignal): Promise<void>
  /** Settles when the cluster lets this host look at its pool; the image need not be there. */
  reach(image: RbdImage, signal: AbortSignal): Promise<void>
  /** Writes all of a raw file of that size into it, holes as well. */
  fill(from: string, image: RbdImage, bytes: number, signal: AbortSignal): Promise<void>
  /** Whether the image has the bytes of a raw file and no more. Reads both whole. */
  same(from: string, image: RbdImage, bytes: number, signal: AbortSignal): Promise<boolean>
  /** Hex: its SHA-256. Reads it whole, into a file in the folder for temporary files. */
  sha256(image: RbdImage, bytes: number, signal: AbortSignal): Promise<string>
}
