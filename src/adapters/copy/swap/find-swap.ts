import { problem } from '../../../core/problem.ts'
import { GrainFault } from '../grain-data.ts'
import { guestReader } from '../guest-reader.ts'
import { corrupt, type GrainSource } from '../source.ts'
import type { Extent } from '../without.ts'
import { type Partition, readPartitions } from './partitions.ts'
import { readSwapHeader, swapHeaderBytes } from './swap-header.ts'

/**
 * Where a guest's disk holds what Linux swapped out: partitions that are swap by their type and by what `mkswap` wrote into
 * them, and a disk that is swap as a whole. Its first page, with UUID and label, is no part of that, nor is what lies behind the
 * swap.
 * @throws ProblemError GUEST_REFUSED for a guest that is hibernated: its memory is there. IMAGE_CORRUPT
 */
export async function findSwap(source: GrainSource): Promise<readonly Extent[]> {
  const { name, capacityBytes } = source
  const read = guestReader(source)
  try {
    const partitions = await readPartitions(read, capacityBytes)
    const whole: Partition = { number: 0, start: 0, end: capacityBytes, swap: true }
    const candidates = (partitions ?? [whole]).filter(({ swap }) => swap)
    const beginnings = await read(candidates.map(({ start }) => ({ start, end: start + swapHeaderBytes })))
    return candidates.flatMap(({ number, start, end }, index) => {
      const header = readSwapHeader(beginnings[index] ?? Buffer.alloc(swapHeaderBytes), end - start)
      if (header?.kind === 'hibernated') throw hibernated(name, number, header.signature)
      return header ? [{ start: start + header.pageBytes, end: start + header.bytes }] : []
    })
  } catch (error) {
    throw error instanceof GrainFault ? corrupt(name, error.message) : error
  }
}

function hibernated(name: string, partition: number, signature: string) {
  const where = partition === 0 ? 'it' : `its partition ${partition}`
  return problem('GUEST_REFUSED', `${name}: the guest is hibernated, and ${where} holds its memory (${signature})`, {
    hint: 'start it at the source, shut it down and export it again; or remove pipeline.convert.skip',
  })
}
