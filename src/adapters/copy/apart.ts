import { corrupt } from './source.ts'

/** A byte for each grain's room is kept for so many of them; the files of larger ones are not VMware's, which end at 2 TiB. */
const mostRooms = 2 ** 26

/**
 * Looks at where each grain lies that is as long in its file as on the disk: one that lies over another can only be damage.
 * @returns takes the place of each grain once, in bytes, in any order
 */
export function apart(name: string, lengthBytes: number, grainBytes: number): (offset: number) => void {
  const rooms = Math.ceil(lengthBytes / grainBytes)
  if (rooms > mostRooms) return () => {}
  const sectors = grainBytes / 512
  // Of the grain that begins in each room: 1 and the sector.
  const begins = sectors < 2 ** 8 ? new Uint8Array(rooms + 1) : new Uint16Array(rooms + 1)
  const placeOf = (room: number) => room * grainBytes + ((begins[room] ?? 0) - 1) * 512
  return (offset) => {
    const room = Math.floor(offset / grainBytes)
    const begin = (offset % grainBytes) / 512 + 1
    const over = [room - 1, room, room + 1].find((near) => {
      const other = begins[near] ?? 0
      return other !== 0 && (near === room || (near < room ? other > begin : other < begin))
    })
    if (over !== undefined) {
      const place = placeOf(over)
      throw corrupt(
        name,
        place === offset
          ? `has two grains at byte ${offset}`
          : `has a grain at byte ${Math.max(offset, place)} that begins in the one at byte ${Math.min(offset, place)}`,
      )
    }
    begins[room] = begin
  }
}
