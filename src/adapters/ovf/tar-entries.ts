import { type ProblemError, problem } from '../../core/problem.ts'
import { foldedName, relativeName } from './names.ts'
import { readStretch, type SourceFile, type Stretch } from './source-file.ts'
import { readTarHeader, type TarHeader } from './tar-header.ts'

/** A file inside an archive: its bytes are that stretch of the archive. */
export interface TarEntry extends Stretch {
  readonly name: string
}

const blockBytes = 512
const limitEntries = 1_000

/**
 * Lists the files of a tar archive by its headers alone, jumping over the data, so that any size takes a moment.
 * @throws ProblemError ARCHIVE_HOSTILE for anything but plain files with plain, distinct names; ARCHIVE_CORRUPT
 */
export async function listTar(source: SourceFile, signal: AbortSignal): Promise<readonly TarEntry[]> {
  const files: TarEntry[] = []
  const names = new Set<string>()
  for (let at = 0; !(await endsAt(source, at, signal)); ) {
    const header = await readTarHeader(source, at, signal)
    const { offsetBytes, lengthBytes } = header
    const name = checkedName(source, header)
    if (names.has(foldedName(name))) throw hostile(source, `has two entries named ${JSON.stringify(name)}`)
    if (names.size >= limitEntries) throw hostile(source, `has more than ${limitEntries} entries`)
    names.add(foldedName(name))
    if (offsetBytes + lengthBytes > source.bytes) {
      const missing = `${JSON.stringify(name)} needs ${lengthBytes} bytes, ${Math.max(0, source.bytes - offsetBytes)} are there`
      throw problem('ARCHIVE_CORRUPT', `${source.path} is cut short: ${missing}`, {
        hint: 'copy or download it again',
        at: { file: source.path },
      })
    }
    if (header.type === 'file') files.push({ name, offsetBytes, lengthBytes })
    at = offsetBytes + Math.ceil(lengthBytes / blockBytes) * blockBytes
  }
  return files
}

/** An archive ends with a block of zeros or with its file; what comes after zeros is no part of it. */
async function endsAt(source: SourceFile, at: number, signal: AbortSignal): Promise<boolean> {
  if (at >= source.bytes) return true
  const lengthBytes = Math.min(blockBytes, source.bytes - at)
  return (await readStretch(source, { offsetBytes: at, lengthBytes }, signal)).every((byte) => byte === 0)
}

function checkedName(source: SourceFile, { name, type, lengthBytes, sparse }: TarHeader): string {
  const shown = JSON.stringify(name)
  if (sparse) throw hostile(source, `has the sparse entry ${shown}, whose data is not its content`)
  if (type !== 'file' && type !== 'directory') {
    throw hostile(
      source,
      `has the entry ${shown}, which is no plain file but ${type ? `a ${type}` : 'sparse or of an unknown type'}`,
    )
  }
  if (!Number.isSafeInteger(lengthBytes) || lengthBytes < 0 || (type === 'directory' && lengthBytes > 0)) {
    throw hostile(source, `has the entry ${shown} of an absurd size, ${lengthBytes} bytes`)
  }
  if (type === 'file') return relativeName(name, { file: source.path })
  // `tar -cf x.ova .` begins with the folder itself.
  return name === './' ? name : relativeName(name.replace(/\/$/, ''), { file: source.path })
}

function hostile(source: SourceFile, what: string): ProblemError {
  return problem('ARCHIVE_HOSTILE', `${source.path} ${what}`, {
    hint: 'export the machine again, from a source that you trust',
    at: { file: source.path },
  })
}
