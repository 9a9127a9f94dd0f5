import { hasOtherContent, otherContentBytes } from './other-content.ts'

/** What `mkswap` wrote, or the kernel in its place when the guest was hibernated. */
export type SwapHeader =
  | { readonly kind: 'swap'; readonly pageBytes: number; readonly bytes: number }
  | { readonly kind: 'hibernated'; readonly signature: string }

const pages = [4096, 8192, 16384, 32768, 65536]
const bootBytes = 1024
const versionAt = 1024
const lastPageAt = 1028
const signatureBytes = 10
/** Linux writes the first, its older kernels, uswsusp and TuxOnIce the others. */
const suspended = ['S1SUSPEND', 'S2SUSPEND', 'ULSUSPEND', 'LINHIB0001', '\xed\xc3\x02\xe9\x98\x56\xe5\x0c']

/** So much of a partition's beginning is looked at: all pages, and what other content is told by. */
export const swapHeaderBytes = otherContentBytes

/**
 * Reads a Linux swap area's first page (`union swap_header` of the kernel). A signature that another file system left standing
 * when it was made over the area is told by what that wrote around it.
 * @param lengthBytes of the area; the swap in it may be shorter
 * @returns undefined for anything else
 */
export function readSwapHeader(beginning: Buffer, lengthBytes: number): SwapHeader | undefined {
  if (beginning.subarray(0, bootBytes).some((byte) => byte !== 0) || hasOtherContent(beginning)) return undefined
  for (const pageBytes of pages) {
    const signature = beginning.toString('latin1', pageBytes - signatureBytes, pageBytes)
    const frozen = suspended.find((word) => signature.startsWith(word))
    if (frozen !== undefined) return { kind: 'hibernated', signature: frozen.replace(/[^ -~]/g, '?') }
    if (signature !== 'SWAPSPACE2' || beginning.readUInt32LE(versionAt) !== 1) continue
    const bytes = (beginning.readUInt32LE(lastPageAt) + 1) * pageBytes
    if (bytes > 2 * pageBytes && bytes <= lengthBytes) return { kind: 'swap', pageBytes, bytes }
  }
  return undefined
}
