import { fingerprint } from '../../core/fingerprint.ts'
import { type FileIdentity, sameFile } from '../../core/image.ts'
import { asJson } from '../../core/json.ts'
import type { ConvertedDisk } from '../../core/outputs.ts'
import { problem } from '../../core/problem.ts'
import { formatCount } from '../../core/units.ts'
import type { Disks } from '../../ports/disks.ts'
import type { Files } from '../../ports/files.ts'
import type { Work } from '../../ports/work.ts'
import { stage } from '../stage.ts'

/** Copies each disk into the format its target boots from. The source is only read. */
export const convert = stage({
  name: 'convert',
  version: 1,
  after: ['export', 'fix'],
  reads: () => ['fix'],
  tools: ['qemu-img'],
  claims: () => ({ disk_io: 1 }),
  describe({ disks, conversion }) {
    const formats = [...new Set(disks.map(({ to }) => to.format))].join(' and ')
    const how =
      conversion.compression ?? (conversion.preallocation === 'off' ? '' : `preallocated: ${conversion.preallocation}`)
    return `${formatCount(disks.length, 'disk')} to ${formats}${how && `, ${how}`}`
  },
  input: ({ machine }, upstream) => ({
    disks: machine.disks.map(({ id, to }) => {
      const exported = upstream.export.disks.find((disk) => disk.id === id)
      if (!exported) throw new Error(`export left no disk ${id}`)
      const fixed = upstream.fix?.disks.find((disk) => disk.id === id)
      return fixed ? { ...exported, image: fixed.image, overlay: fixed.file, to } : { ...exported, to }
    }),
    conversion: machine.conversion,
    // A digest that was checked says more than a date: touching the source then copies nothing again.
    files: upstream.export.disks.every((disk) => disk.checked !== undefined) ? [] : upstream.export.files,
  }),
  bytes: ({ disks }) => disks.reduce((sum, disk) => sum + disk.allocatedBytes, 0),
  broken({ disks }, { files }) {
    const now = files.identities(disks.map((disk) => disk.file.path))
    const index = disks.findIndex((disk, at) => !sameFile(disk.file, now[at]))
    if (index === -1) return undefined
    return `${disks[index]?.file.path} ${now[index] ? 'changed' : 'is missing'}`
  },
  async run({ disks, conversion, files: sources }, { disks: images, files, clock }, work) {
    work.progress(0)
    const written: ConvertedDisk[] = []
    let bytesBefore = 0
    for (const disk of disks) {
      const { image, to, virtualBytes, allocatedBytes } = disk
      const key = fingerprint({ disk, conversion, sources })
      const progress = (bytes: number) => work.progress(bytesBefore + bytes)
      const finished = await finishedBefore(to.path, key, files, work)
      if (finished) written.push(finished)
      else {
        const startedAt = clock.seconds()
        await work.intend(to.path, key)
        const result = await images.convert(
          image,
          { ...to, ...conversion, dataBytes: allocatedBytes },
          { signal: work.signal, progress },
        )
        const entry = { id: disk.id, format: to.format, virtualBytes, ...result, seconds: clock.seconds() - startedAt }
        refuseChanged(sources, files)
        await refuseOtherSize(entry, images, work.signal)
        await work.made(to.path, asJson(entry))
        written.push(entry)
      }
      bytesBefore += allocatedBytes
      work.progress(bytesBefore)
    }
    return { disks: written }
  },
})

/** The disk as an earlier, interrupted attempt left it, if it is complete and untouched since. */
async function finishedBefore(path: string, key: string, files: Files, work: Work): Promise<ConvertedDisk | undefined> {
  const artifact = work.owned(path)
  if (!artifact) {
    if (!files.exists(path)) return undefined
    throw problem('OUTPUT_NOT_OURS', `${path} exists, and h2k did not make it`, { hint: 'move it away' })
  }
  if (work.anew || artifact.status !== 'made' || artifact.fingerprint !== key) return undefined
  const disk = artifact.evidence as unknown as ConvertedDisk
  const [now] = files.identities([path])
  if (sameFile(disk.file, now)) return disk
  // Copied or touched, as a restored workspace is: reading it costs less than making it again.
  if (now?.bytes !== disk.file.bytes || (await files.sha256(path, work.signal)) !== disk.sha256) return undefined
  const found = { ...disk, file: now }
  await work.made(path, asJson(found))
  return found
}

// A copy whose end was cut off looks sound to every check of its own.
async function refuseOtherSize({ id, virtualBytes, file, format }: ConvertedDisk, images: Disks, signal: AbortSignal) {
  const written = await images.header({ path: file.path, format }, signal)
  if (written.virtualBytes === virtualBytes) return
  throw problem(
    'RESULT_WRONG',
    `disk ${id} has ${written.virtualBytes} bytes after the copy, the source ${virtualBytes}`,
  )
}

function refuseChanged(sources: readonly FileIdentity[], files: Files): void {
  const now = files.identities(sources.map((file) => file.path))
  const changed = sources.find((file, index) => !sameFile(file, now[index]))
  if (!changed) return
  throw problem('SOURCE_CHANGED', `${changed.path} was written to while it was copied`, {
    hint: 'stop the machine at the source, then apply again',
  })
}
