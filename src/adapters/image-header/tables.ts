import type { ImageBytes } from './bytes.ts'

const pieceBytes = 2 ** 20
/** Reading this much for nothing costs less than another call. */
const gapBytes = 2 ** 14

/** Reads a long table in pieces of at most 1 MiB, which is a whole number of entries of up to 16 bytes. */
export async function* pieces(image: ImageBytes, offset: number, length: number, what: string): AsyncGenerator<Buffer> {
  for (let done = 0; done < length; done += pieceBytes) {
    yield await image.read(offset + done, Math.min(pieceBytes, length - done), what)
  }
}

/** One of the tables that a directory names, and how many of the directory's entries name it. */
export interface NamedTable {
  readonly table: Buffer
  readonly times: number
}

/**
 * Reads the tables at `offsets` in the order they lie in the image, those that lie near each other together.
 * Never more than 1 MiB or one table is held, and no table is read twice.
 */
export async function* tables(
  image: ImageBytes,
  offsets: readonly number[],
  tableBytes: number,
  what: string,
): AsyncGenerator<NamedTable> {
  for (const run of runs(offsets, tableBytes, image.lengthBytes)) {
    const [first, last] = [run.at(0)?.offset ?? 0, run.at(-1)?.offset ?? 0]
    const bytes = await image.read(first, last + tableBytes - first, what)
    for (const { offset, times } of run) {
      yield { table: bytes.subarray(offset - first, offset - first + tableBytes), times }
    }
  }
}

interface NamedOffset {
  readonly offset: number
  times: number
}

function* runs(offsets: readonly number[], tableBytes: number, lengthBytes: number): Generator<readonly NamedOffset[]> {
  let run: NamedOffset[] = []
  for (const offset of Float64Array.from(offsets).sort()) {
    const previous = run.at(-1)
    if (previous?.offset === offset) {
      previous.times += 1
      continue
    }
    // What lies outside the image is read by itself, so that the message names its place.
    const near = previous !== undefined && offset <= previous.offset + tableBytes + gapBytes
    const fits = offset + tableBytes <= Math.min((run.at(0)?.offset ?? 0) + pieceBytes, lengthBytes)
    if (previous !== undefined && !(near && fits)) {
      yield run
      run = []
    }
    run.push({ offset, times: 1 })
  }
  if (run.length > 0) yield run
}
