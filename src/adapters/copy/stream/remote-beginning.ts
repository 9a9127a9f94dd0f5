import { mostMetadataBytes, type SparseLayout } from '../../../core/sparse-layout.ts'
import type { RemoteImage } from './remote-guest.ts'
import { firstGrainAt, type ReadBeginning } from './vmdk-stream.ts'

const sector = 512

/** What is before the first grain of an image that is far away; undefined for what is no sparse VMDK, or has too much of it. */
export async function beginningOf(
  { name, read }: RemoteImage,
  readBeginning: ReadBeginning,
): Promise<{ readonly layout: SparseLayout; readonly beginning: Buffer } | undefined> {
  const first = await read(0, sector)
  const grainsAt = first.length < sector ? undefined : firstGrainAt(first)
  if (grainsAt === undefined || grainsAt > mostMetadataBytes) return undefined
  const beginning = await read(0, Math.max(sector, grainsAt))
  return { layout: await readBeginning(name, beginning), beginning }
}
