import type { SparseLayout } from '../../core/sparse-layout.ts'
import { apart } from './apart.ts'
import { corrupt, type GrainBatch, type GrainSource } from './source.ts'

const sector = 512
/** As many tables at a time as take about this many bytes. */
const batchBytes = 2 ** 18

/** An open sparse VMDK, as h2k's own reader of image headers hands it over. Offsets and sizes are in bytes. */
export interface SparseVmdk {
  readonly name: string
  /** Bytes of the image; it begins at `offsetBytes` of the open file `fd`. */
  readonly lengthBytes: number
  readonly fd: number
  readonly offsetBytes: number
  readonly layout: SparseLayout
  /** Reads exactly so much, within the image. */
  read(offset: number, length: number, what: string): Promise<Buffer>
}

/**
 * The grains of a sparse VMDK, by its grain directory and tables, in the format of VMware's "Virtual Disk Format 5.0".
 * @throws ProblemError IMAGE_CORRUPT for tables and grains outside of the image, and for grains that lie over each other
 */
export function vmdkGrains(vmdk: SparseVmdk): GrainSource {
  const { name, fd, offsetBytes, lengthBytes, layout } = vmdk
  const { capacityBytes, grainBytes, compressed } = layout
  const files = [{ name, fd, offsetBytes, lengthBytes, compressed }]
  return { name, capacityBytes, grainBytes, files, batches: () => batches(vmdk) }
}

async function* batches(vmdk: SparseVmdk): AsyncGenerator<GrainBatch> {
  const { grainBytes, tableEntries, directoryOffset, directoryEntries, capacityBytes } = vmdk.layout
  const tableBytes = tableEntries * 4
  const perBatch = Math.max(1, Math.floor(batchBytes / tableBytes))
  const grains = Math.ceil(capacityBytes / grainBytes)
  // Deflated ones say themselves which they are.
  const placed = vmdk.layout.compressed ? () => {} : apart(vmdk.name, vmdk.lengthBytes, grainBytes)
  for (let table = 0; table < directoryEntries; table += perBatch) {
    const count = Math.min(perBatch, directoryEntries - table)
    const directory = await vmdk.read(directoryOffset + table * 4, count * 4, 'grain directory')
    const first = table * tableEntries
    const length = Math.min(count * tableEntries, grains - first)
    const batch = { first, files: new Uint8Array(length), offsets: new Float64Array(length) }
    for (const run of adjacent(directory, tableBytes)) {
      const entries = await vmdk.read(run.sector * sector, run.count * tableBytes, 'grain table')
      take(vmdk, entries, batch, run.index * tableEntries, placed)
    }
    yield batch
  }
}

// Tables that lie one behind the other are read at once.
function* adjacent(directory: Buffer, tableBytes: number) {
  const tableSectors = Math.ceil(tableBytes / sector)
  const whole = tableBytes % sector === 0
  let run: { index: number; sector: number; count: number } | undefined
  for (let index = 0; index * 4 < directory.length; index++) {
    const at = directory.readUInt32LE(index * 4)
    if (run && whole && at === run.sector + run.count * tableSectors) {
      run.count += 1
      continue
    }
    if (run) yield run
    run = at === 0 ? undefined : { index, sector: at, count: 1 }
  }
  if (run) yield run
}

function take(
  { name, lengthBytes, layout }: SparseVmdk,
  entries: Buffer,
  batch: GrainBatch,
  into: number,
  placed: (offset: number) => void,
): void {
  const least = layout.zeroGrains ? 2 : 1
  const count = Math.min(entries.length / 4, batch.files.length - into)
  for (let at = 0; at < count; at++) {
    const entry = entries.readUInt32LE(at * 4)
    if (entry < least) continue
    if (entry * sector >= lengthBytes) {
      throw corrupt(name, `ends at byte ${lengthBytes}; a grain of its disk is at byte ${entry * sector}`)
    }
    placed(entry * sector)
    batch.files[into + at] = 1
    batch.offsets[into + at] = entry * sector
  }
}
