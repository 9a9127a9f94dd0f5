import type { DescribedMachine } from '../../core/described.ts'
import { problem } from '../../core/problem.ts'
import { decodeXml, xmlLimitBytes } from '../../core/xml-guard.ts'
import type { Archive, ArchiveEntry, ClaimedArchive } from '../../ports/archive.ts'
import { asDescribed, completeMachine } from './complete.ts'
import { digestsLimitBytes, parseDigests } from './manifest-digests.ts'
import { findNamed, foldedName } from './names.ts'
import { type Descriptor, readDescriptor } from './parse-ovf.ts'
import { digestStretch, type OpenSource, readStretch, type SourceFile, withSourceFile } from './source-file.ts'
import { listTar, type TarEntry } from './tar-entries.ts'
import { aboutSignatures, claimed, type Digesting, type Manifest, type Progress, verifyParts } from './verify-parts.ts'

/** An OVA: a tar archive of a descriptor, perhaps a manifest and a signature, and disks. Nothing is unpacked. */
export const ovaArchive: Archive = { describe: describeOva, index: indexOva, verify: verifyOva }

/**
 * What an OVA says of its machine. Reads the archive's headers and the descriptor, never a disk.
 * @throws ProblemError ARCHIVE_…, OVF_…, XML_…, SOURCE_MISSING (also for a file that the archive lacks), SOURCE_UNREADABLE
 */
export async function describeOva(path: string, signal: AbortSignal): Promise<DescribedMachine> {
  return withSourceFile(path, 'followed', async (source) => (await openOva(source, signal)).machine)
}

/**
 * The files of an OVA, in its order and by the descriptor's names, and where they lie in it. Reads what `describeOva` does.
 * @throws ProblemError as `describeOva`
 */
export async function indexOva(path: string, signal: AbortSignal): Promise<readonly ArchiveEntry[]> {
  return withSourceFile(path, 'followed', async (source) => {
    const { entries, descriptor } = await openOva(source, signal)
    return asDescribed(descriptor, archiveEntries(source, entries, new Map()))
  })
}

/**
 * Checks every digest of an OVA's manifest, wherever in the archive that stands, in one pass over the files it lists.
 * @param unread files, by the descriptor's names, for which the manifest's word is taken
 * @throws ProblemError CHECKSUM_DIFFERS for each file that differs or is missing, and all that `describeOva` throws
 */
export async function verifyOva(
  path: string,
  signal: AbortSignal,
  progress: Progress,
  unread: readonly string[] = [],
): Promise<Compared> {
  return withSourceFile(path, 'followed', async (source) => {
    const ova = await openOva(source, signal)
    const left = new Set(unread.map((href) => findNamed(ova.entries, href)))
    return await compare(source, ova, (entry) => !left.has(entry), progress, signal)
  })
}

/**
 * An OVA that is far away: its descriptor, checked, and its files with the digests that its manifest claims for them, which
 * nobody has compared yet.
 * @throws ProblemError as `describeOva`
 */
export async function claimedOva(path: string, open: OpenSource, signal: AbortSignal): Promise<ClaimedArchive> {
  return open(path, 'followed', async (source) => {
    const ova = await openOva(source, signal)
    const compared = await compare(
      source,
      ova,
      (entry) => entry === ova.ovf,
      () => undefined,
      signal,
    )
    return { machine: ova.machine, ...compared }
  })
}

interface Compared {
  readonly entries: readonly ArchiveEntry[]
  readonly warnings: readonly string[]
}

async function compare(
  source: SourceFile,
  { entries, ovf, descriptor }: OpenOva,
  reads: (entry: TarEntry) => boolean,
  progress: Progress,
  signal: AbortSignal,
): Promise<Compared> {
  const manifest = await readManifest(source, entries, signal)
  const parts = entries.map((entry) => {
    const read: Digesting = (algorithms, onBytes) => digestStretch(source, entry, algorithms, onBytes, signal)
    const { name, lengthBytes } = entry
    return { name, lengthBytes, digest: reads(entry) ? read : claimed(manifest, name) }
  })
  const wanted = descriptor.files.flatMap(({ href }) => findNamed(entries, href)?.name ?? [])
  const { digests, warnings } = await verifyParts(parts, manifest, [ovf.name, ...wanted], progress)
  return {
    entries: asDescribed(descriptor, archiveEntries(source, entries, digests)),
    warnings: [...warnings, ...aboutSignatures(entries.map(({ name }) => name))],
  }
}

function archiveEntries(
  { path }: SourceFile,
  entries: readonly TarEntry[],
  digests: ReadonlyMap<string, string>,
): readonly ArchiveEntry[] {
  return entries.map(({ name, offsetBytes, lengthBytes }) => {
    const digest = digests.get(name)
    const stretch = { offsetBytes, lengthBytes }
    return { name, path, stretch, lengthBytes, ...(digest === undefined ? {} : { digest }) }
  })
}

interface OpenOva {
  readonly entries: readonly TarEntry[]
  readonly ovf: TarEntry
  readonly descriptor: Descriptor
  readonly machine: DescribedMachine
}

async function openOva(source: SourceFile, signal: AbortSignal): Promise<OpenOva> {
  const entries = await listTar(source, signal)
  const ovf = onlyOne(source, entries, '.ovf')
  const at = { file: source.path }
  if (ovf === undefined) {
    throw problem('ARCHIVE_CORRUPT', `${source.path} is no OVA: it has no .ovf descriptor`, { at })
  }
  if (ovf.name.includes('/')) {
    throw problem('OVF_UNSUPPORTED', `${source.path} has its descriptor in a folder, ${ovf.name}`, {
      hint: 'unpack it and name the .ovf file as the source',
      at,
    })
  }
  const file = `${source.path}/${ovf.name}`
  const descriptor = readDescriptor(decodeXml(await readSmall(source, ovf, xmlLimitBytes, signal), file), file)
  return { entries, ovf, descriptor, machine: completeMachine(descriptor, entries, `in ${source.path}`) }
}

async function readManifest(
  source: SourceFile,
  entries: readonly TarEntry[],
  signal: AbortSignal,
): Promise<Manifest | undefined> {
  const entry = onlyOne(source, entries, '.mf')
  if (entry === undefined) return undefined
  const file = `${source.path}/${entry.name}`
  const text = (await readSmall(source, entry, digestsLimitBytes, signal)).toString('utf8')
  return { file, digests: parseDigests(text, file) }
}

function onlyOne(source: SourceFile, entries: readonly TarEntry[], ending: string): TarEntry | undefined {
  const [first, second] = entries.filter(({ name }) => foldedName(name).endsWith(ending))
  if (second === undefined) return first
  const names = `${JSON.stringify(first?.name)} and ${JSON.stringify(second.name)}`
  throw problem('ARCHIVE_HOSTILE', `${source.path} has more than one ${ending} file: ${names}`, {
    at: { file: source.path },
  })
}

async function readSmall(source: SourceFile, entry: TarEntry, limit: number, signal: AbortSignal): Promise<Buffer> {
  if (entry.lengthBytes <= limit) return readStretch(source, entry, signal)
  const what = `${source.path}: ${entry.name} has ${entry.lengthBytes} bytes`
  throw problem('ARCHIVE_HOSTILE', `${what}, far more than such a file needs`, { at: { file: source.path } })
}
