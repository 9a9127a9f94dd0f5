import { addressOf } from '../core/address.ts'
import type { FileIdentity } from '../core/image.ts'
import type { Disk, Machine } from '../core/machine.ts'
import { type ProblemError, problem } from '../core/problem.ts'
import type { FoundVolume, PublishDisk } from '../ports/target.ts'
import type { Context } from './context.ts'
import { publishInput } from './publish-input.ts'

/** A disk that is where git would have it. */
export interface FoundDisk {
  readonly disk: Disk
  /** As a target is given it: with the path that it has. */
  readonly publish: PublishDisk
  readonly file: FileIdentity
  /** What it was copied from into its pool, where that was kept. */
  readonly original?: Pick<FoundDisk, 'file' | 'sha256'>
  /** Hex, of what is there now. Reads it whole. */
  sha256(signal: AbortSignal): Promise<string>
}

type Means = Pick<Context, 'files' | 'disks' | 'target' | 'workspace'>

/**
 * Looks for each disk of a machine in the place where apply would leave it, whether it has the format and the size that it should
 * have. Reads headers only.
 * @throws ProblemError IMPORT_REFUSED, IMAGE_… for what is no image of that format, TARGET_…
 */
export async function findDisks(machine: Machine, means: Means, signal: AbortSignal): Promise<readonly FoundDisk[]> {
  const input = publishInput(machine, means.workspace)
  const found: FoundDisk[] = []
  for (const disk of machine.disks) {
    const publish = input.disks.find(({ id }) => id === disk.id)
    if (!publish) throw new Error(`there is no disk ${disk.id}`)
    const { place } = publish
    if (place.kind === 'output') found.push(await inFile(machine, disk, publish, disk.to.path, means, signal))
    else if (place.kind === 'file') found.push(await moved(machine, disk, publish, place.path, means, signal))
    else {
      const there = await means.target.findVolume(input, { ...publish, place }, signal)
      const keeps = input.kind === 'libvirt' && !input.libvirt.move
      const one = there.volume
        ? inVolume(machine, disk, publish, there.path, there.volume)
        : await (keeps ? inFile : moved)(machine, disk, publish, there.path, means, signal)
      const original = keeps ? await originalOf(machine, disk, publish, means, signal) : undefined
      found.push(original ? { ...one, original } : one)
    }
  }
  return found
}

async function inFile(
  machine: Machine,
  disk: Disk,
  publish: PublishDisk,
  path: string,
  { files, disks }: Means,
  signal: AbortSignal,
): Promise<FoundDisk> {
  const [file] = files.identities([path])
  if (!file) {
    throw refused(
      machine,
      `disk ${disk.id}: ${path} is not there`,
      'disks: [{id: …, target_path: …}] names another place',
    )
  }
  const { virtualBytes } = await disks.header({ path, format: disk.to.format }, signal)
  refuseOtherSize(machine, disk, path, virtualBytes)
  return {
    disk,
    publish: { ...publish, to: { ...publish.to, path } },
    file,
    sha256: (within) => files.sha256(path, within),
  }
}

// Of two, the next apply would take the one in the output folder for the newer one.
async function moved(...[machine, disk, publish, path, means, signal]: Parameters<typeof inFile>): Promise<FoundDisk> {
  const { path: from } = disk.to
  if (from !== path && means.files.exists(from)) {
    throw refused(
      machine,
      `disk ${disk.id}: there are both ${path} and ${from}`,
      'move the one away that is not the disk',
    )
  }
  return await inFile(machine, disk, publish, path, means, signal)
}

function inVolume(
  machine: Machine,
  disk: Disk,
  publish: PublishDisk,
  path: string,
  { source, file, format, virtualBytes, sha256 }: NonNullable<FoundVolume['volume']>,
): FoundDisk {
  if (format !== disk.to.format) {
    throw refused(
      machine,
      `disk ${disk.id}: ${path} is ${format}, and git wants ${disk.to.format}`,
      'output: {format: …}',
    )
  }
  // Volumes of some pools come in steps.
  refuseOtherSize(machine, disk, path, format === 'raw' ? Math.min(virtualBytes, disk.virtualBytes) : virtualBytes)
  return { disk, publish: { ...publish, to: { ...publish.to, path }, source }, file, sha256 }
}

async function originalOf(...[machine, disk, publish, means, signal]: OriginalArguments) {
  if (!means.files.exists(disk.to.path)) return undefined
  return await inFile(machine, disk, publish, disk.to.path, means, signal)
}

type OriginalArguments = [Machine, Disk, PublishDisk, Means, AbortSignal]

function refuseOtherSize(machine: Machine, { id, virtualBytes }: Disk, path: string, found: number): void {
  if (found === virtualBytes) return
  throw refused(
    machine,
    `disk ${id}: ${path} has ${found} bytes for its guest, and git wants ${virtualBytes}`,
    'it is another disk, or somebody resized it: give git its size',
  )
}

function refused({ name }: Machine, summary: string, hint: string): ProblemError {
  return problem('IMPORT_REFUSED', summary, { hint, address: addressOf(name) })
}
