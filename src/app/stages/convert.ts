import { digestOfDisk } from '../../core/claimed-digest.ts'
import { copyEngine } from '../../core/copy-engine.ts'
import { fingerprint } from '../../core/fingerprint.ts'
import { type FileIdentity, kindOf, sameFile } from '../../core/image.ts'
import { asJson } from '../../core/json.ts'
import type { Disk } from '../../core/machine.ts'
import type { ConvertedDisk } from '../../core/outputs.ts'
import { problem } from '../../core/problem.ts'
import { isAddress } from '../../core/source-address.ts'
import { formatCount } from '../../core/units.ts'
import type { Disks } from '../../ports/disks.ts'
import type { Files } from '../../ports/files.ts'
import type { Work } from '../../ports/work.ts'
import { copyInput, copyKey, sameCopy } from '../copy-input.ts'
import { refuseWritten } from '../disk-written.ts'
import { engineWords } from '../planned-engine.ts'
import { skippedLines } from '../skipped-swap.ts'
import { stage } from '../stage.ts'
import { type Known, type KnownDisk, knownDisk, soundCopies, withoutGone } from '../whereabouts.ts'
import { emptyOverlays } from '../written-overlay.ts'

/** Copies each disk into the format its target boots from. The source is only read. */
export const convert = stage({
  name: 'convert',
  version: 1,
  after: ['export', 'fix'],
  reads: () => ['export', 'fix'],
  tools: ['qemu-img'],
  claims: () => ({ disk_io: 1 }),
  describe(machine, usage) {
    const { disks, conversion } = machine
    const formats = [...new Set(disks.map(({ to }) => to.format))].join(' and ')
    const how = [
      conversion.compression,
      conversion.preallocation === 'off' ? undefined : `preallocated: ${conversion.preallocation}`,
      conversion.direct && 'past the memory',
      // The cheaper order, by docs/decisions/0009.
      machine.repair && 'after its repair, in one copy',
    ].filter((word) => word !== undefined)
    const words = [...how, ...engineWords(machine, usage)].map((word) => `, ${word}`).join('')
    const line = `${formatCount(disks.length, 'disk')} to ${formats}${words}`
    return [line, ...skippedLines(machine, usage)].join('\n')
  },
  input: copyInput,
  kept: ({ live: _, disks, ...input }) => ({ ...input, disks: disks.map(sameCopy) }),
  bytes: ({ disks }) => disks.reduce((sum, disk) => sum + disk.allocatedBytes, 0),
  async broken({ disks }, { files, target }, recorded, signal) {
    const now = files.identities(disks.map((disk) => disk.file.path))
    const elsewhere = disks.filter((disk, at) => !sameFile(disk.file, now[at]))
    if (elsewhere.length === 0) return undefined
    const known = await withoutGone(recorded, target, signal)
    const lost = elsewhere.find(({ id, file, sha256 }) => {
      return soundCopies({ id, path: file.path }, files, known).every(({ disk }) => disk.sha256 !== sha256)
    })
    return lost && whyLost(lost, files, recorded)
  },
  async run({ disks, conversion, files: sources, live }, { disks: images, files, clock, target }, given) {
    given.progress(0)
    const work = await withoutGone(given, target, given.signal)
    const written: ConvertedDisk[] = []
    let bytesBefore = 0
    const keyed = disks.map((disk) => ({ disk, key: copyKey(disk, conversion, sources) }))
    // A disk that is kept beside one that is made anew has to be of the same moment.
    const mixed = keyed.some(({ disk, key }) => isOfOther(disk.id, key, work))
    for (const { id } of mixed ? disks : []) await refuseWritten(id, files, target, work)
    for (const { disk, key } of keyed) {
      const { image, to, virtualBytes, allocatedBytes } = disk
      const progress = (bytes: number) => work.progress(bytesBefore + bytes)
      const finished = await finishedBefore(disk, key, files, work)
      if (finished) written.push(finished)
      else {
        await refuseWritten(disk.id, files, target, work)
        await emptyOverlays(disk.id, images, files, work)
        const startedAt = clock.seconds()
        await work.intend(to.path, key)
        const backing = 'backing' in disk ? disk.backing : undefined
        const source = (backing ?? image).path
        // Checked before or not, the copy is compared with it: the file may be another one by now.
        const digest = digestOfDisk(disk)
        const read = digest === undefined ? sources : files.identities([source]).flatMap((file) => file ?? [])
        const facts = {
          from: (backing ?? image).format,
          ...kindOf(disk),
          to: to.format,
          dataBytes: allocatedBytes,
          repaired: backing !== undefined,
          arrives: disk.arriving !== undefined,
        }
        const engine = copyEngine(facts, conversion)
        const result = await images.convert(
          {
            image,
            ...(backing ? { backing } : {}),
            ...(disk.arriving ? { arriving: disk.arriving } : {}),
            ...(digest === undefined ? {} : { claimed: digest }),
            ...(live ? { shared: live } : {}),
          },
          {
            ...{ ...to, ...conversion, dataBytes: allocatedBytes, engine },
            // A digest is of one file: what a stopped copy has of another is not gone on with, however much they look alike.
            key: digest === undefined ? key : fingerprint({ key, source: files.version(source) }),
          },
          { signal: work.signal, progress },
        )
        const entry = { id: disk.id, format: to.format, virtualBytes, ...result, seconds: clock.seconds() - startedAt }
        if (!live) refuseChanged(read, files)
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

/** Whether all that there is of a disk was made of something else. */
function isOfOther(id: string, key: string, { artifacts }: Pick<Known, 'artifacts'>): boolean {
  const own = artifacts().filter((artifact) => knownDisk(artifact)?.id === id)
  return own.length > 0 && own.every(({ fingerprint }) => fingerprint !== key)
}

/** Where the disk was last, and what is wrong there. */
function whyLost({ id, file }: ConvertedDisk, files: Files, { artifacts }: Known): string {
  const placed = artifacts().find((artifact) => knownDisk(artifact)?.placed && knownDisk(artifact)?.id === id)
  const path = placed?.path ?? file.path
  if (!path.startsWith('/')) return `the volume ${path.replace(/^.*#volume\//s, '')} is missing`
  return `${path} ${files.exists(path) ? 'changed' : 'is missing'}`
}

/** The disk as an earlier attempt left it, if it is complete and untouched since, also where publishing moved it to. */
async function finishedBefore(
  { id, to: { path } }: { readonly id: string; readonly to: Disk['to'] },
  key: string,
  files: Files,
  work: Work,
): Promise<ConvertedDisk | undefined> {
  if (files.exists(path) && !work.owned(path)) {
    throw problem('OUTPUT_NOT_OURS', `${path} exists, and h2k did not make it`, { hint: 'move it away' })
  }
  if (work.anew) return undefined
  const here = ({ placed: _, written: _written, ...disk }: KnownDisk, file: FileIdentity) => ({
    ...disk,
    file: { ...file, path },
  })
  const sound = soundCopies({ id, path }, files, work).find(({ artifact }) => artifact.fingerprint === key)
  if (sound) return here(sound.disk, sound.file)
  for (const artifact of work.artifacts()) {
    const disk = artifact.fingerprint === key ? knownDisk(artifact) : undefined
    const [now] = files.identities([artifact.path])
    // Copied or touched, as a restored workspace is: reading it costs less than making it again.
    if (disk === undefined || now?.bytes !== disk.file.bytes) continue
    if ((await files.sha256(artifact.path, work.signal)) !== disk.sha256) continue
    await work.made(artifact.path, asJson({ ...disk, file: now }))
    return here(disk, now)
  }
  return undefined
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
  // Each answer of a server says itself which file it is of.
  const here = sources.filter(({ path }) => !isAddress(path))
  const now = files.identities(here.map((file) => file.path))
  const changed = here.find((file, index) => !sameFile(file, now[index]))
  if (!changed) return
  throw problem('SOURCE_CHANGED', `${changed.path} was written to while it was copied`, {
    hint: 'stop the machine at the source, then apply again',
  })
}
