import { corrupt, type SparseVmdk } from './source.ts'

const sector = 512
/** As many tables at a time as take about this many bytes. */
const batchBytes = 2 ** 20

/** A stretch of the guest's disk whose grains are known: 0 is a hole, 1 a grain of zeros, else the sector it lies at. */
export interface GrainBatch {
  /** Number of the first grain. */
  readonly first: number
  readonly sectors: Uint32Array
}

/**
 * Reads the grain directory and its tables in the order of the guest's disk, about 1 MiB of them at a time.
 * The formats are those of VMware's "Virtual Disk Format 5.0".
 * @throws ProblemError IMAGE_CORRUPT for tables and grains outside of the image
 */
export async function* grainBatches(vmdk: SparseVmdk): AsyncGenerator<GrainBatch> {
  const { grainBytes, tableEntries, directoryOffset, directoryEntries, capacityBytes } = vmdk.layout
  const tableBytes = tableEntries * 4
  const perBatch = Math.max(1, Math.floor(batchBytes / tableBytes))
  const grains = Math.ceil(capacityBytes / grainBytes)
  for (let table = 0; table < directoryEntries; table += perBatch) {
    const count = Math.min(perBatch, directoryEntries - table)
    const directory = await vmdk.read(directoryOffset + table * 4, count * 4, 'grain directory')
    const first = table * tableEntries
    const sectors = new Uint32Array(Math.min(count * tableEntries, grains - first))
    for (const run of adjacent(directory, tableBytes)) {
      const bytes = await vmdk.read(run.sector * sector, run.count * tableBytes, 'grain table')
      const into = run.index * tableEntries
      for (let at = 0; at < run.count * tableEntries && into + at < sectors.length; at++) {
        sectors[into + at] = bytes.readUInt32LE(at * 4)
      }
    }
    refuseOutside(vmdk, sectors)
    yield { first, sectors }
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

function refuseOutside({ name, lengthBytes, layout }: SparseVmdk, sectors: Uint32Array): void {
  const outside = sectors.find((at) => at * sector >= lengthBytes && at > (layout.zeroGrains ? 1 : 0))
  if (outside === undefined) return
  throw corrupt(name, `ends at byte ${lengthBytes}; a grain of its disk is at byte ${outside * sector}`)
}
