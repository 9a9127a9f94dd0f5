import { readdir } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import type { DescribedMachine } from '../../core/described.ts'
import { problem } from '../../core/problem.ts'
import { decodeXml, xmlLimitBytes } from '../../core/xml-guard.ts'
import type { Archive, ArchiveEntry } from '../../ports/archive.ts'
import { asDescribed, completeMachine } from './complete.ts'
import { digestsLimitBytes, parseDigests } from './manifest-digests.ts'
import { findNamed, foldedName } from './names.ts'
import { type Descriptor, readDescriptor } from './parse-ovf.ts'
import { digestStretch, readStretch, withSourceFile } from './source-file.ts'
import { tooLarge } from './too-large.ts'
import { aboutSignatures, claimed, type Manifest, type Part, type Progress, verifyParts } from './verify-parts.ts'

/** An `.ovf` file with its disks beside it. */
export const ovfFolderArchive: Archive = {
  describe: describeOvfFolder,
  index: indexOvfFolder,
  verify: verifyOvfFolder,
}

/**
 * What an `.ovf` file says of its machine. Reads no disk, but opens each.
 * @throws ProblemError OVF_…, XML_…, ARCHIVE_HOSTILE (also for a disk that is a symbolic link), SOURCE_MISSING, SOURCE_UNREADABLE
 */
export async function describeOvfFolder(ovfPath: string, signal: AbortSignal): Promise<DescribedMachine> {
  return (await openFolder(ovfPath, signal)).machine
}

/** The descriptor and the files that it names, by its names. @throws ProblemError as `describeOvfFolder` */
export async function indexOvfFolder(ovfPath: string, signal: AbortSignal): Promise<readonly ArchiveEntry[]> {
  const { descriptor, descriptorFile, files } = await openFolder(ovfPath, signal)
  return asDescribed(descriptor, [descriptorFile, ...files])
}

/**
 * Checks every digest of the manifest of the same stem, if there is one, in one pass over the files it lists.
 * @param unread files, by the descriptor's names, for which the manifest's word is taken
 * @throws ProblemError CHECKSUM_DIFFERS for each file that differs or is missing, and all that `describeOvfFolder` throws
 */
export async function verifyOvfFolder(
  ovfPath: string,
  signal: AbortSignal,
  progress: Progress,
  unread: readonly string[] = [],
): Promise<{ readonly entries: readonly ArchiveEntry[]; readonly warnings: readonly string[] }> {
  const { folder, names, descriptor, descriptorFile, files } = await openFolder(ovfPath, signal)
  const beside = (ending: string) => {
    const wanted = foldedName(basename(ovfPath, extname(ovfPath)) + ending)
    return names.find(({ name }) => foldedName(name) === wanted)?.name
  }
  const manifest = await readManifest(folder, beside('.mf'), signal)
  const described = [descriptorFile, ...files]
  const all = new Map(described.map((file) => [file.name, file]))
  for (const { name } of manifest?.digests ?? []) {
    if (!all.has(name) && names.some((each) => each.name === name)) all.set(name, await measured(folder, name))
  }
  const left = new Set(unread.map((href) => findNamed(files, href)?.name))
  const parts = [...all.values()].map((file) => {
    if (left.has(file.name)) return { ...file, digest: claimed(manifest, file.name) }
    return partOf(file, file === descriptorFile ? 'followed' : 'refused', signal)
  })
  const wanted = described.map(({ name }) => name)
  const { digests, warnings } = await verifyParts(parts, manifest, wanted, progress)
  const entries = [...all.values()].map((file) => {
    const digest = digests.get(file.name)
    return digest === undefined ? file : { ...file, digest }
  })
  return {
    entries: asDescribed(descriptor, entries),
    warnings: [...warnings, ...aboutSignatures([beside('.cert') ?? ''])],
  }
}

interface OpenFolder {
  readonly folder: string
  readonly names: readonly { readonly name: string }[]
  readonly descriptor: Descriptor
  readonly descriptorFile: ArchiveEntry
  /** Those that the descriptor names. */
  readonly files: readonly ArchiveEntry[]
  readonly machine: DescribedMachine
}

async function openFolder(ovfPath: string, signal: AbortSignal): Promise<OpenFolder> {
  const folder = dirname(ovfPath)
  const bytes = await readSmall(ovfPath, 'followed', xmlLimitBytes, signal)
  const descriptor = readDescriptor(decodeXml(bytes, ovfPath), ovfPath)
  const names = await namesIn(folder)
  const files: ArchiveEntry[] = []
  for (const name of new Set(descriptor.files.flatMap(({ href }) => findNamed(names, href)?.name ?? []))) {
    signal.throwIfAborted()
    files.push(await measured(folder, name))
  }
  const machine = completeMachine(descriptor, files, `in ${folder}`)
  const descriptorFile = { name: basename(ovfPath), path: ovfPath, lengthBytes: bytes.length }
  return { folder, names, descriptor, descriptorFile, files, machine }
}

async function namesIn(folder: string): Promise<readonly { readonly name: string }[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    const detail = cause instanceof Error ? cause.message : String(cause)
    throw problem('SOURCE_UNREADABLE', `the folder ${folder} cannot be listed`, { detail, at: { file: folder } })
  })
  return names.map((name) => ({ name }))
}

async function measured(folder: string, name: string): Promise<ArchiveEntry> {
  const path = join(folder, name)
  return withSourceFile(path, 'refused', async ({ bytes }) => ({ name, path, lengthBytes: bytes }))
}

async function readManifest(
  folder: string,
  name: string | undefined,
  signal: AbortSignal,
): Promise<Manifest | undefined> {
  if (name === undefined) return undefined
  const file = join(folder, name)
  const text = (await readSmall(file, 'refused', digestsLimitBytes, signal)).toString('utf8')
  return { file, digests: parseDigests(text, file) }
}

function partOf({ name, path, lengthBytes }: ArchiveEntry, links: 'followed' | 'refused', signal: AbortSignal): Part {
  return {
    name,
    lengthBytes,
    digest: (algorithms, onBytes) =>
      withSourceFile(path, links, async (source) => {
        if (source.bytes !== lengthBytes) {
          throw problem('SOURCE_CHANGED', `${path} changed while it was looked at`, { at: { file: path } })
        }
        return digestStretch(source, { offsetBytes: 0, lengthBytes }, algorithms, onBytes, signal)
      }),
  }
}

async function readSmall(
  path: string,
  links: 'followed' | 'refused',
  limit: number,
  signal: AbortSignal,
): Promise<Buffer> {
  return withSourceFile(path, links, async (source) => {
    if (source.bytes <= limit) return readStretch(source, { offsetBytes: 0, lengthBytes: source.bytes }, signal)
    throw tooLarge(path, source.bytes)
  })
}
