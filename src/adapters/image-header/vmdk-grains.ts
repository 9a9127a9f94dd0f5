import type { ImageBytes } from './bytes.ts'
import { fault } from './faults.ts'
import { pieces, tables } from './tables.ts'
import type { SparseHeader } from './vmdk-sparse.ts'

const sector = 512
/** So many grain tables are read at most; the usual ones map 32 TiB. */
const mostTables = 2 ** 20

/**
 * At most how many bytes of its disk a sparse extent holds: the grains that its tables name.
 * @throws ProblemError IMAGE_CORRUPT for tables and grains outside the image
 */
export async function allocatedGrains(image: ImageBytes, header: SparseHeader): Promise<number> {
  const offsets: number[] = []
  let named = 0
  for await (const piece of pieces(image, header.directoryOffset, header.directoryEntries * 4, 'grain directory')) {
    for (let at = 0; at < piece.length; at += 4) {
      const offset = piece.readUInt32LE(at) * sector
      if (offset === 0) continue
      named += 1
      if (named <= mostTables) offsets.push(offset)
    }
  }
  if (named > mostTables) return header.capacityBytes

  let grains = 0
  for await (const { table, times } of tables(image, offsets, header.tableEntries * 4, 'grain table')) {
    for (let at = 0; at < table.length; at += 4) {
      const entry = table.readUInt32LE(at)
      if (entry === 0 || (entry === 1 && header.zeroGrains)) continue
      if (entry * sector >= image.lengthBytes) {
        throw fault(
          image,
          'IMAGE_CORRUPT',
          `ends at byte ${image.lengthBytes}; a grain of its disk is at byte ${entry * sector}`,
        )
      }
      grains += times
    }
  }
  return Math.min(header.capacityBytes, grains * header.grainBytes)
}
