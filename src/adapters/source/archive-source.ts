import type { DescribedMachine } from '../../core/described.ts'
import { type ImageLocation, kindOf, sameFile } from '../../core/image.ts'
import { asJson } from '../../core/json.ts'
import type { DiskSource, MachineSource } from '../../core/machine.ts'
import type { ExportedDisk } from '../../core/outputs.ts'
import { problem } from '../../core/problem.ts'
import type { Archive, ArchiveEntry } from '../../ports/archive.ts'
import type { Disks } from '../../ports/disks.ts'
import type { Files } from '../../ports/files.ts'
import type { Source } from '../../ports/source.ts'
import type { ParseCache } from '../../ports/workspace-files.ts'
import { digestOf } from './digest-of.ts'
import { missingSource, refuseOtherChecksum, refuseOtherSize } from './refuse.ts'

type Archives = Readonly<Record<'ova' | 'ovf', Archive>>

/** Machines in OVA and OVF. Disks are read where they lie: nothing is unpacked. */
export function archiveSource(
  archives: Archives,
  files: Files,
  disks: Disks,
  cache: ParseCache,
): Omit<Source, 'identities'> {
  return {
    async observe(source, _diskPaths, signal) {
      const { archive, path } = open(source, archives)
      const [file] = files.identities([path])
      if (!file) return missingSource(path)
      const key = `described ${path} ${file.bytes} ${file.modified}`
      const known = cache.get(key) as unknown as DescribedMachine | undefined
      const described = known ?? (await archive.describe(path, signal))
      if (!known) cache.set(key, asJson(described))
      return { described, files: [file] }
    },
    async measure(source, wanted, signal) {
      const { archive, path } = open(source, archives)
      const entries = await archive.index(path, signal)
      return Promise.all(
        wanted.map(async (disk) => {
          const { id, from } = disk
          const entry = find(entries, from, path)
          const image = location(entry, from)
          const header = await disks.header(image, signal)
          refuseOtherSize(disk, header)
          const { allocatedBytes: usedBytes } = header
          return { id, ...kindOf(header), fileBytes: entry.lengthBytes, usedBytes, image }
        }),
      )
    },
    async export(input, work) {
      const { archive, path } = open(input.source, archives)
      work.progress(0)
      const unread = input.checkedByCopy ? input.disks.map(({ from }) => from.path) : []
      const { entries, warnings } = await archive.verify(path, work.signal, work.progress, unread)
      const exported: ExportedDisk[] = []
      const extents: string[] = []
      for (const disk of input.disks) {
        const entry = find(entries, disk.from, path)
        const image = location(entry, disk.from)
        const header = await disks.header(image, work.signal)
        refuseOtherSize(disk, header)
        const { virtualBytes, allocatedBytes } = header
        refuseOtherChecksum(disk, entry)
        // Of an image in several files it is the first one's: whether the others are what they were, their times tell.
        const digest = header.files.length === 1 ? digestOf(input, entry.digest) : {}
        exported.push({ id: disk.id, image, ...kindOf(header), virtualBytes, allocatedBytes, ...digest })
        extents.push(...header.files)
      }
      const paths = [...new Set([path, ...entries.map((entry) => entry.path), ...extents])]
      const found = files.identities(paths)
      const [before] = input.files
      if (before && !sameFile(before, found[0])) {
        throw problem('SOURCE_CHANGED', `${path} changed since the plan was made`, { hint: 'plan again' })
      }
      return { disks: exported, files: paths.map((each, index) => found[index] ?? missingSource(each)), warnings }
    },
  }
}

function open(source: MachineSource, archives: Archives): { archive: Archive; path: string } {
  if (source.provider === 'local') throw new Error('image files are no archive')
  return { archive: archives[source.provider], path: source.path }
}

function find(entries: readonly ArchiveEntry[], from: DiskSource, path: string): ArchiveEntry {
  const entry = entries.find(({ name }) => name === from.path)
  return entry ?? missingSource(`${from.path} in ${path}`)
}

function location({ path, stretch }: ArchiveEntry, { format }: DiskSource): ImageLocation {
  return { path, format, ...(stretch ? { stretch } : {}) }
}
