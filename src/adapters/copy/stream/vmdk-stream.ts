import { problem } from '../../../core/problem.ts'
import { mostMetadataBytes, type SparseLayout } from '../../../core/sparse-layout.ts'
import { type Chunk, chunkBytes } from '../chunks.ts'
import { mostGrainBytes } from '../grain-data.ts'
import { corrupt } from '../source.ts'
import type { Arriving } from './arriving.ts'
import { type TableCheck, tableCheck } from './table-check.ts'

const sector = 512

/** The byte at which the grains of a sparse VMDK with this header begin; undefined for what is none. */
export function firstGrainAt(header: Buffer): number | undefined {
  return header.toString('latin1', 0, 4) === 'KDMV' ? Number(header.readBigUInt64LE(64)) * sector : undefined
}

/** What a marker without a grain says of the sectors behind it, as VMware's "Virtual Disk Format 5.0" has it. */
const markers = { end: 0, table: 1, directory: 2, footer: 3 } as const

export interface VmdkStream {
  readonly layout: SparseLayout
  /** All that is before the first grain. */
  readonly beginning: Buffer
  /** Each is over when the next is asked for. After the last one, all was compared with the grain tables. */
  chunks(): AsyncGenerator<Chunk>
}

/** What a beginning says, by h2k's own reader of headers. */
export type ReadBeginning = (name: string, beginning: Buffer) => Promise<SparseLayout>

/**
 * A streamOptimized VMDK, read front to back without seeking: grains by their markers, in ascending order as every writer
 * of exports has them, tables and directory wherever the format lets them be.
 * @throws ProblemError IMAGE_CORRUPT with the offset; IMAGE_UNSUPPORTED for what only a file can be; SOURCE_UNREADABLE
 */
export async function vmdkStream(input: Arriving, readBeginning: ReadBeginning): Promise<VmdkStream> {
  const { name } = input
  const first = await input.peek(sector, 'header')
  const grainsAt = firstGrainAt(first) ?? sector
  if (grainsAt > mostMetadataBytes) throw unfit(name, `has its first grain at byte ${grainsAt}`)
  const beginning = Buffer.from(await input.take(Math.max(sector, grainsAt), 'header'))
  const layout = await readBeginning(name, beginning)
  const { compressed, markers: marked, grainBytes, directoryEntries } = layout
  if (!compressed || !marked || grainBytes > 2 ** 21) throw unfit(name, 'is no streamOptimized VMDK')
  if (directoryEntries * 4 > mostMetadataBytes)
    throw unfit(name, `has a grain directory of ${directoryEntries * 4} bytes`)
  const check = tableCheck(layout, beginning)
  const directory = Number.isFinite(layout.directoryOffset)
    ? beginning.subarray(layout.directoryOffset, layout.directoryOffset + directoryEntries * 4)
    : undefined
  if (directory && directory.length < directoryEntries * 4) throw unfit(name, 'has its directory behind its grains')
  return { layout, beginning, chunks: () => chunks(input, layout, check, directory) }
}

async function* chunks(
  input: Arriving,
  layout: SparseLayout,
  check: TableCheck,
  inBeginning: Buffer | undefined,
): AsyncGenerator<Chunk> {
  const { name } = input
  const { grainBytes, capacityBytes, directoryEntries } = layout
  const gathered = gatherer(input, grainBytes)
  let [lastGrain, directory] = [-1, { at: -1, bytes: inBeginning }]
  let footed = inBeginning !== undefined
  let tables = 0
  // qemu writes no marker for the end, but has its directory in the beginning.
  for (let over = false; !over && !(footed && (await input.ended())); ) {
    const at = input.offset()
    const marker = await input.peek(16, 'marker')
    const [value, size] = [Number(marker.readBigUInt64LE(0)), marker.readUInt32LE(8)]
    if (size > 0) {
      const grain = (value * sector) / grainBytes
      const taken = Math.ceil((12 + size) / sector) * sector
      if (!Number.isSafeInteger(grain) || grain * grainBytes >= capacityBytes || taken > mostGrainBytes(grainBytes)) {
        throw corrupt(name, `has a grain at byte ${at} of the disk’s byte ${value * sector}, ${size} bytes long`)
      }
      if (grain === lastGrain) throw corrupt(name, `has the disk’s byte ${value * sector} twice, again at byte ${at}`)
      if (grain < lastGrain) throw unfit(name, `has grains out of order, at byte ${at}`)
      lastGrain = grain
      check.grain(grain, at / sector)
      gathered.add(grain, at)
      await input.take(taken, 'grain')
      if (gathered.isFull()) yield gathered.chunk()
      continue
    }
    if (gathered.count() > 0) yield gathered.chunk()
    const [type, bytes] = [marker.readUInt32LE(12), value * sector]
    if (bytes > mostMetadataBytes) throw corrupt(name, `has a marker at byte ${at} for ${bytes} bytes`)
    await input.take(sector, 'marker')
    input.mark()
    const metadata = await input.take(bytes, 'metadata')
    if (type === markers.end) over = true
    else if (type === markers.table) {
      // Each may come twice, as in a sparse disk. Of every one something is kept.
      if (++tables > 2 * directoryEntries)
        throw corrupt(name, `has more grain tables than its directory, at byte ${at}`)
      check.table(at / sector + 1, metadata.subarray(0, layout.tableEntries * 4))
    } else if (type === markers.directory) directory = { at: at + sector, bytes: Buffer.from(metadata) }
    else if (type !== markers.footer) throw corrupt(name, `has a marker of unknown type ${type} at byte ${at}`)
    else if (isFooterOf(metadata, layout, directory.at)) footed = true
    else throw corrupt(name, `has a footer at byte ${at} that does not fit its header and its directory`)
  }
  if (gathered.count() > 0) yield gathered.chunk()
  const entries = directory.bytes?.subarray(0, directoryEntries * 4)
  if (!footed || entries?.length !== directoryEntries * 4) throw corrupt(name, 'ends without its grain directory')
  const wrong = check.compare(entries)
  if (wrong) throw corrupt(name, wrong)
}

function isFooterOf(footer: Buffer, { capacityBytes }: SparseLayout, directoryAt: number): boolean {
  if (footer.length < sector || footer.toString('latin1', 0, 4) !== 'KDMV') return false
  const [capacity, directory] = [footer.readBigUInt64LE(12), footer.readBigUInt64LE(56)]
  return Number(capacity) * sector === capacityBytes && Number(directory) * sector === directoryAt
}

/** Puts grains together to chunks, where they arrived. */
function gatherer(input: Arriving, grainBytes: number) {
  const most = Math.max(1, Math.floor(chunkBytes / grainBytes))
  let [index, rank] = [0, 0]
  let grains: number[] = []
  let offsets: number[] = []
  return {
    count: () => grains.length,
    isFull: () => grains.length === most,
    /** Its bytes are taken next. */
    add(grain: number, offset: number) {
      if (grains.length === 0) input.mark()
      grains.push(grain)
      offsets.push(offset)
    },
    chunk(): Chunk {
      const count = grains.length
      const chunk = {
        ...{ index, rank, files: new Uint8Array(count), arrived: input.sinceMark() },
        ...{ grains: Float64Array.from(grains), offsets: Float64Array.from(offsets) },
      }
      index += 1
      rank += count
      grains = []
      offsets = []
      return chunk
    },
  }
}

function unfit(name: string, what: string) {
  return problem('IMAGE_UNSUPPORTED', `${name} ${what}: it cannot be read while it arrives`, {
    hint: 'set pipeline.validate: {enabled: true, compare_source: true}: then it is fetched first; or download it, and name the file',
  })
}
