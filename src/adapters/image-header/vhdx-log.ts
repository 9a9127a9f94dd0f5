import type { ImageBytes } from './bytes.ts'
import { fault } from './faults.ts'
import { u64le } from './numbers.ts'
import { pieces } from './tables.ts'
import { isSound } from './vhdx-regions.ts'

const block = 4096

/**
 * Refuses an image that was not closed, whose log holds writes that are not in their places yet ([MS-VHDX] 2.3).
 * @throws ProblemError IMAGE_CORRUPT
 */
export async function refuseOpenLog(image: ImageBytes): Promise<void> {
  for (const header of await currentHeaders(image)) {
    const guid = header.subarray(48, 64)
    if (guid.every((byte) => byte === 0)) continue
    for await (const piece of pieces(image, u64le(header, 72), header.readUInt32LE(68), 'log')) {
      // An entry begins on a block, and counts when it bears the GUID that the header has.
      for (let at = 0; at + block <= piece.length; at += block) {
        if (piece.toString('latin1', at, at + 4) !== 'loge' || !piece.subarray(at + 32, at + 48).equals(guid)) continue
        throw fault(image, 'IMAGE_CORRUPT', 'was not closed: its log holds writes that are not in place yet', {
          hint: 'shut its machine down; or on a copy of the image: qemu-img check -f vhdx -r all copy.vhdx',
        })
      }
    }
  }
}

/** The sound header with the higher sequence number; both, when those are equal, as Disk2vhd writes them. */
async function currentHeaders(image: ImageBytes): Promise<readonly Buffer[]> {
  const headers = [await image.read(16 * block, block, 'header'), await image.read(32 * block, block, 'second header')]
  const sound = headers.filter((header) => isSound(header, 'head') && header.readUInt16LE(66) === 1)
  const sequences = sound.map((header) => header.readBigUInt64LE(8))
  const current = sound.filter((_, index) => sequences.every((other) => other <= (sequences[index] ?? 0n)))
  if (current.length === 0) throw fault(image, 'IMAGE_CORRUPT', 'has no sound header')
  return current
}
