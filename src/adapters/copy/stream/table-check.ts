import { hash } from 'node:crypto'
import type { SparseLayout } from '../../../core/sparse-layout.ts'

const sector = 512

/** Compares the grains that arrived with the grain tables: whether each is where its table says, and none is missing. */
export interface TableCheck {
  /** A grain's marker is in that sector. Grains come in the order of the guest's disk. */
  grain(grain: number, atSector: number): void
  /** A grain table is in that sector. */
  table(atSector: number, bytes: Buffer): void
  /** @returns what is wrong, to be said after the image's name */
  compare(directory: Buffer): string | undefined
}

/**
 * Of a table, only its checksum is kept: so a disk of 2 TiB takes some MiB.
 * @param beginning all that is before the first grain, where some writers put their tables
 */
export function tableCheck(
  { tableEntries, zeroGrains }: Pick<SparseLayout, 'tableEntries' | 'zeroGrains'>,
  beginning: Buffer,
): TableCheck {
  const digest = (table: Buffer) => hash('sha1', table, 'base64')
  const empty = digest(Buffer.alloc(tableEntries * 4))
  const arrived = new Map<number, string>()
  const tables = new Map<number, string>()
  let current: { readonly index: number; readonly bytes: Buffer } | undefined

  const seal = () => {
    if (current) arrived.set(current.index, digest(current.bytes))
    current = undefined
  }
  const digestOf = (table: Buffer) => {
    if (!zeroGrains) return digest(table)
    const plain = Buffer.from(table)
    for (let at = 0; at < plain.length; at += 4) if (plain.readUInt32LE(at) === 1) plain.writeUInt32LE(0, at)
    return digest(plain)
  }
  const tableAt = (atSector: number) => {
    const [start, end] = [atSector * sector, atSector * sector + tableEntries * 4]
    return end <= beginning.length ? digestOf(beginning.subarray(start, end)) : tables.get(atSector)
  }
  return {
    grain(grain, atSector) {
      const index = Math.floor(grain / tableEntries)
      if (current?.index !== index) seal()
      current ??= { index, bytes: Buffer.alloc(tableEntries * 4) }
      current.bytes.writeUInt32LE(atSector, (grain % tableEntries) * 4)
    },
    table: (atSector, bytes) => void tables.set(atSector, digestOf(bytes)),
    compare(directory) {
      seal()
      for (let index = 0; index * 4 < directory.length; index++) {
        const atSector = directory.readUInt32LE(index * 4)
        const told = atSector === 0 ? empty : tableAt(atSector)
        if (told === undefined) return `has no grain table at byte ${atSector * sector}, where its directory says`
        if (told !== (arrived.get(index) ?? empty)) {
          return `has other grains than its grain table ${index}, at byte ${atSector * sector}, says`
        }
      }
      return undefined
    },
  }
}
