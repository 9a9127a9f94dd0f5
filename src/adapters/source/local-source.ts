import { kindOf, sameFile } from '../../core/image.ts'
import { asJson } from '../../core/json.ts'
import type { ExportedDisk } from '../../core/outputs.ts'
import { problem } from '../../core/problem.ts'
import type { Disks } from '../../ports/disks.ts'
import type { Files } from '../../ports/files.ts'
import type { ExportInput, Source } from '../../ports/source.ts'
import { digestOf } from './digest-of.ts'
import { missingSource, refuseOtherSize } from './refuse.ts'

/** Image files that somebody exported already. */
export function localSource(files: Files, disks: Disks): Omit<Source, 'identities'> {
  return {
    async observe(_source, diskPaths) {
      const found = files.identities(diskPaths)
      return { files: diskPaths.map((path, index) => found[index] ?? missingSource(path)) }
    },
    async measure(_source, wanted, signal) {
      return Promise.all(
        wanted.map(async (disk) => {
          const { id, from } = disk
          const header = await disks.header(from, signal)
          refuseOtherSize(disk, header)
          const { allocatedBytes: usedBytes, files: parts } = header
          const fileBytes = files.identities(parts).reduce((sum, part) => sum + (part?.bytes ?? 0), 0)
          const read = Math.min(fileBytes, Math.max(usedBytes, 1))
          return { id, ...kindOf(header), fileBytes: read, usedBytes, image: from }
        }),
      )
    },
    async export(input, work) {
      work.progress(0)
      const exported: ExportedDisk[] = []
      const parts = new Set<string>()
      let bytes = 0
      for (const disk of input.disks) {
        const header = await disks.header(disk.from, work.signal)
        refuseOtherSize(disk, header)
        for (const part of header.files) parts.add(part)
        // Of an image in several files it is the first one's: whether the others are what they were, their times tell.
        const whole = header.files.length === 1
        if (disk.checksum !== undefined && !(whole && input.checkedByCopy)) await verify(disk, files, work.signal)
        const { virtualBytes, allocatedBytes } = header
        const own = input.disks.length > 1 ? { parts: header.files } : {}
        const digest = whole ? digestOf(input, disk.checksum) : {}
        const kind = kindOf(header)
        exported.push({ id: disk.id, image: disk.from, ...kind, virtualBytes, allocatedBytes, ...own, ...digest })
        bytes += files.identities([disk.from.path])[0]?.bytes ?? 0
        work.progress(bytes)
      }
      if (!input.live) refuseChanged(input, files)
      const found = files.identities([...parts])
      return {
        disks: exported,
        files: [...parts].map((path, index) => found[index] ?? missingSource(path)),
        warnings: [],
      }
    },
  }
}

async function verify(disk: ExportInput['disks'][number], files: Files, signal: AbortSignal): Promise<void> {
  const found = `sha256:${await files.sha256(disk.from.path, signal)}`
  if (found === disk.checksum) return
  throw problem('CHECKSUM_DIFFERS', `disk ${disk.id}: ${disk.from.path} is not what the manifest says`, {
    detail: `manifest ${disk.checksum}, file ${found}`,
    hint: 'export or copy it again',
  })
}

function refuseChanged(input: ExportInput, files: Files): void {
  const now = files.identities(input.files.map(({ path }) => path))
  const changed = input.files.find((file, index) => !sameFile(file, now[index]))
  if (!changed) return
  const detail = `${JSON.stringify(asJson(changed))} when it was planned`
  throw problem('SOURCE_CHANGED', `${changed.path} changed since the plan was made`, { detail, hint: 'plan again' })
}
