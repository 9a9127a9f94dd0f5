import { digestOfDisk } from '../core/claimed-digest.ts'
import { fingerprint } from '../core/fingerprint.ts'
import type { FileIdentity } from '../core/image.ts'
import type { Conversion } from '../core/machine.ts'
import type { ExportedDisk } from '../core/outputs.ts'
import { goesOnWriting } from './source-sight.ts'
import type { Subject, Upstream } from './stage.ts'

/** What the copies of a machine's disks are made of. */
export function copyInput({ machine }: Pick<Subject, 'machine'>, upstream: Pick<Upstream, 'export' | 'fix'>) {
  return {
    disks: machine.disks.map(({ id, to }) => {
      const exported = upstream.export.disks.find((disk) => disk.id === id)
      if (!exported) throw new Error(`export left no disk ${id}`)
      const fixed = upstream.fix?.disks.find((disk) => disk.id === id)
      if (!fixed) return { ...exported, to }
      return { ...exported, image: fixed.image, backing: exported.image, overlay: fixed.file, to }
    }),
    conversion: machine.conversion,
    // A digest that was checked says more than a date: touching the source then copies nothing again.
    files: upstream.export.disks.every((disk) => digestOfDisk(disk) ?? disk.arriving?.digest)
      ? []
      : upstream.export.files,
    ...(goesOnWriting(machine) ? { live: true as const } : {}),
  }
}

/** What a disk's copy depends on: one that was made of the same need not be made again. */
export function copyKey(
  exported: Pick<ExportedDisk, 'parts' | 'allocatedBytes' | 'checked' | 'claimed'>,
  conversion: Conversion,
  sources: readonly FileIdentity[],
): string {
  const { parts } = exported
  const disk = sameCopy(exported)
  if (!parts) return fingerprint({ disk, conversion, sources })
  // What a file takes up its file system changes by itself.
  const { allocatedBytes: _, ...same } = disk
  return fingerprint({ disk: same, conversion, sources: sources.filter(({ path }) => parts.includes(path)) })
}

/** A disk that is copied, the same whoever compares it with its digest and whatever files the others have. */
export function sameCopy<Exported extends Pick<ExportedDisk, 'parts' | 'checked' | 'claimed'>>(exported: Exported) {
  const { parts: _, checked: _checked, claimed: _claimed, ...disk } = exported
  const digest = digestOfDisk(exported)
  return digest === undefined ? disk : { ...disk, checked: digest }
}
