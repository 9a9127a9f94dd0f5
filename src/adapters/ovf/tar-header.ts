import { Readable } from 'node:stream'
import { extract, type Header } from 'tar-stream'
import { problem, problemsOf } from '../../core/problem.ts'
import { readStretch, type SourceFile } from './source-file.ts'

export interface TarHeader {
  readonly name: string
  /** `file`, `directory`, `symlink` …; null for a kind that tar-stream does not know, such as GNU's sparse files. */
  readonly type: string | null
  readonly lengthBytes: number
  /** Where its data begins in the archive. */
  readonly offsetBytes: number
  readonly sparse: boolean
}

const pieceBytes = 4096
// A long name or a pax record is some hundred bytes; tar-stream itself stops at 4 MiB each.
const limitBytes = 8 * 1024 * 1024

// What a file that is no tar begins with; those from outside, at other places, are only named when it is one of these.
const beginnings: readonly (readonly [prefix: string, what: string, hint: string])[] = [
  ['\x1f\x8b', 'compressed with gzip', 'gunzip it first'],
  ['BZh', 'compressed with bzip2', 'bunzip2 it first'],
  ['\xfd7zXZ', 'compressed with xz', 'unxz it first'],
  ['\x28\xb5\x2f\xfd', 'compressed with zstd', 'unzstd it first'],
  ['PK\x03\x04', 'a ZIP archive', 'unzip it first'],
  ['KDMV', 'a VMDK disk', 'name it as a disk of the machine'],
  ['QFI\xfb', 'a qcow2 disk', 'name it as a disk of the machine'],
  ['<', 'an XML file', 'name it as an OVF'],
]

/**
 * Reads the header at a place of a tar archive with tar-stream: octal and base-256 sizes, pax records, GNU long names.
 * @throws ProblemError ARCHIVE_CORRUPT, saying what the file is when it is no tar archive at all
 */
export async function readTarHeader(source: SourceFile, at: number, signal: AbortSignal): Promise<TarHeader> {
  const header = await decode(source, at, signal).catch(async (cause: unknown) => {
    signal.throwIfAborted()
    if (problemsOf(cause) !== undefined) throw cause
    throw await unreadable(source, at, cause, signal)
  })
  if (header === undefined) throw await unreadable(source, at, undefined, signal)
  return {
    name: header.name,
    type: header.type,
    lengthBytes: header.size,
    // The typings lack it: tar-stream counts from where it began, which is `at`.
    offsetBytes: at + ('byteOffset' in header ? Number(header.byteOffset) : Number.NaN),
    sparse: Object.keys(header.pax ?? {}).some((key) => key.startsWith('GNU.sparse')),
  }
}

async function decode(source: SourceFile, at: number, signal: AbortSignal): Promise<Header | undefined> {
  const decoder = extract()
  const feed = Readable.from(pieces(source, at, signal))
  feed.once('error', (error) => decoder.destroy(error))
  feed.pipe(decoder)
  try {
    for await (const { header } of decoder) return header
    return undefined
  } finally {
    feed.destroy()
  }
}

async function* pieces(source: SourceFile, from: number, signal: AbortSignal): AsyncGenerator<Buffer> {
  const end = Math.min(source.bytes, from + limitBytes)
  for (let at = from; at < end; at += pieceBytes) {
    yield await readStretch(source, { offsetBytes: at, lengthBytes: Math.min(pieceBytes, end - at) }, signal)
  }
}

async function unreadable(source: SourceFile, at: number, cause: unknown, signal: AbortSignal) {
  const file = { at: { file: source.path } }
  if (at > 0) {
    return problem(
      'ARCHIVE_CORRUPT',
      `${source.path} is damaged at byte ${at}, where the header of an entry should be`,
      {
        ...(cause instanceof Error ? { detail: cause.message } : {}),
        hint: 'copy or download it again',
        ...file,
      },
    )
  }
  const opening = await readStretch(source, { offsetBytes: 0, lengthBytes: Math.min(16, source.bytes) }, signal)
  const known = beginnings.find(([prefix]) => opening.toString('latin1').startsWith(prefix))
  if (known === undefined) return problem('ARCHIVE_CORRUPT', `${source.path} is no OVA: it is not a tar archive`, file)
  return problem('ARCHIVE_CORRUPT', `${source.path} is no OVA: it is ${known[1]}`, { hint: known[2], ...file })
}
