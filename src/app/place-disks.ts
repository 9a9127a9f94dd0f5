import { addressOf } from '../core/address.ts'
import { sameFile } from '../core/image.ts'
import { asJson, type Json } from '../core/json.ts'
import type { PublishOutput } from '../core/outputs.ts'
import { problem } from '../core/problem.ts'
import type { Artifact } from '../core/record.ts'
import type { Files } from '../ports/files.ts'
import type { Destination, PooledDisk, PublishDisk, Target } from '../ports/target.ts'
import type { Work } from '../ports/work.ts'
import { type DiskCopy, handedOver, type KnownDisk, knownDisk, soundCopies, withoutGone } from './whereabouts.ts'
import { maybeWrittenOverlay } from './written-overlay.ts'

/** Where disks are moved from and to. */
interface Places {
  readonly files: Files
  readonly target: Pick<Target, 'sight' | 'gone' | 'refuseRunning'> & {
    readonly volume?: ((disk: PooledDisk, work: Work) => Promise<Destination>) | undefined
  }
}

export interface Placed {
  /** With the paths that they have now. */
  readonly disks: readonly PublishDisk[]
  readonly placed: PublishOutput['placed']
}

/**
 * Moves each converted disk to its place, from wherever it is: a rename inside a file system, else a copy that is checked
 * before the old one is removed. The state knows both ends before anything happens, so it can be stopped at any point.
 * @throws ProblemError OUTPUT_NOT_OURS, RESULT_WRONG, SPACE_SHORT, OUTPUT_UNWRITABLE, TARGET_RUNNING
 */
export async function placeDisks(
  disks: readonly PublishDisk[],
  { files, target }: Places,
  given: Work,
): Promise<Placed> {
  const work = await withoutGone(given, target, given.signal)
  const placed: PublishOutput['placed'][number][] = []
  const now: PublishDisk[] = []
  let before = 0
  for (const disk of disks) {
    const destination = await destinationOf(disk, files, target, work)
    const progress = (bytes: number) => work.progress(before + bytes)
    const file = await placeDisk(disk, destination, { files, target }, { ...work, progress })
    if (disk.place.kind !== 'output') {
      placed.push({ id: disk.id, from: disk.to.path, file, ...(destination.keeps ? { kept: true } : {}) })
      before += file.bytes
      work.progress(before)
    }
    const { path, source } = destination
    now.push({ ...disk, to: { ...disk.to, path }, ...(source ? { source } : {}) })
  }
  return { disks: now, placed }
}

async function destinationOf(
  disk: PublishDisk,
  files: Files,
  target: Places['target'],
  work: Work,
): Promise<Destination> {
  const { to, place } = disk
  switch (place.kind) {
    case 'output':
      return fileDestination(to.path, files)
    case 'file':
      return fileDestination(place.path, files)
    case 'pool':
      if (!target.volume) throw new Error('the target has no pools')
      return await target.volume({ ...disk, place }, work)
  }
}

function fileDestination(path: string, files: Files): Destination {
  return {
    path,
    take: async (from, sha256, work) => {
      return (await files.rename(from, path)) ?? (await files.copy(from, path, sha256, work))
    },
  }
}

/** @returns the disk's file in its place */
async function placeDisk(disk: PublishDisk, destination: Destination, { files, target }: Places, work: Work) {
  const { path, keeps } = destination
  const copies = soundCopies({ id: disk.id, path: disk.to.path }, files, work)
  // What the conversion wrote anew is where it always writes; what else there is of another content is older.
  const newest = copies.find((copy) => copy.path === disk.to.path) ?? copies[0]
  if (!newest) throw lost(disk)
  const same = copies.filter((copy) => copy.disk.sha256 === newest.disk.sha256)
  for (const copy of copies) {
    if (!same.includes(copy) && copy.path !== path) await removeUnchanged(copy.artifact, target, work)
  }
  // What was just converted replaces what is in the place, also when it should be the same.
  const taken = same.find((copy) => copy.path === path)?.disk.taken
  const replaces = newest.path === disk.to.path && !(keeps && taken && sameFile(taken, newest.file))
  const there = replaces ? [newest] : same
  const placed = there.find((copy) => copy.path === path)
  const known = (file: KnownDisk['file'], from = newest.disk) => {
    const { placed: _placed, taken: _taken, ...converted } = from
    const elsewhere = { placed: true, ...(keeps ? { taken: newest.file } : {}) }
    return asJson({ ...converted, file, ...(path === disk.to.path ? {} : elsewhere) })
  }
  if (!placed) refuseWrittenOver(disk.id, copies, path, files, work)
  if (placed && !placed.noted) await work.made(path, known(placed.file))
  const file = placed?.file ?? (await move(newest, destination, known, { files, target }, work))
  await removeOthers(disk, newest.artifact.fingerprint, destination, target, work)
  return file
}

/** An overlay does not go along: it lies over the disk where that was. */
function refuseWrittenOver(id: string, copies: readonly DiskCopy[], to: string, files: Files, work: Work): void {
  const artifacts = work.artifacts()
  const elsewhere = copies.filter(({ path }) => path !== to)
  const written = elsewhere
    .map(({ path }) => maybeWrittenOverlay(path, artifacts, files))
    .find((path) => path !== undefined)
  if (written === undefined) return
  const summary = `disk ${id}: the machine may have written to ${written}, and to move the disk below it would throw that away`
  throw problem('DISK_WRITTEN', summary, {
    hint: `take the change back in git, or h2k apply --redo ${addressOf(artifacts[0]?.machine ?? '', 'convert')} to begin anew`,
  })
}

async function move(
  { path: from, file: now, disk: was, artifact }: DiskCopy,
  { path, take, overwrite }: Destination,
  known: (file: KnownDisk['file'], from: KnownDisk) => Json,
  { files, target }: Places,
  work: Work,
) {
  if (path.startsWith('/') && files.exists(path) && !work.owned(path) && !overwrite) {
    throw problem('OUTPUT_NOT_OURS', `${path} exists, and h2k did not make it`, { hint: 'move it away' })
  }
  if (handedOver(work)) await target.refuseRunning(work.artifacts(), work.signal)
  let disk = was
  if (!sameFile(was.file, now)) {
    // The machine wrote to it: what is there now is what has to arrive, and nothing else may be left behind.
    disk = { ...was, file: now, written: await files.sha256(from, work.signal) }
    await work.made(from, asJson(disk))
  }
  await work.intend(path, artifact.fingerprint)
  work.progress(0)
  const file = await take(from, disk.written ?? disk.sha256, work)
  await work.made(path, known(file, disk))
  return file
}

/** What is left of the way here: the old file, and where it was meant to go once. One that was changed since stays. */
async function removeOthers(
  { id, to }: PublishDisk,
  fingerprint: string,
  { path, keeps }: Destination,
  target: Places['target'],
  work: Work,
) {
  for (const artifact of work.artifacts().filter((other) => other.path !== path)) {
    if (keeps && artifact.path === to.path) continue
    const disk = knownDisk(artifact)
    const meant = artifact.status === 'intended' && artifact.fingerprint === fingerprint
    if (!meant && !(disk?.id === id && (disk.placed || artifact.path === to.path))) continue
    await removeUnchanged(artifact, target, work)
  }
}

async function removeUnchanged(artifact: Artifact, target: Places['target'], work: Work): Promise<void> {
  const sight = target.sight()
  const { standing } = await sight.remains(artifact, work.signal)
  if (standing === 'changed') return
  await sight.destroy(artifact, work.signal)
  await work.removed(artifact.path)
}

function lost({ id, to }: PublishDisk) {
  return problem('RESULT_WRONG', `disk ${id}: ${to.path} is not there as it was converted, nor anywhere else`, {
    hint: 'apply again: it is converted again',
  })
}
