import type { SparseLayout } from '../../../core/sparse-layout.ts'
import type { RemoteRead } from './remote-guest.ts'

const sector = 512

/**
 * Where the grain directory of an image that is far away begins: the header says it, or the footer in the last sector but one.
 * @returns undefined for what has neither, or not all of the directory
 */
export async function directoryAt(
  { directoryOffset, directoryEntries }: SparseLayout,
  lengthBytes: number,
  read: RemoteRead,
): Promise<number | undefined> {
  if (lengthBytes < 3 * sector || lengthBytes === Number.POSITIVE_INFINITY) return undefined
  const footer = directoryOffset < lengthBytes ? undefined : await read(lengthBytes - 2 * sector, sector)
  if (footer && footer.toString('latin1', 0, 4) !== 'KDMV') return undefined
  const offset = footer ? Number(footer.readBigUInt64LE(56)) * sector : directoryOffset
  return offset + directoryEntries * 4 <= lengthBytes ? offset : undefined
}
