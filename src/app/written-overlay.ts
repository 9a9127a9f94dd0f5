import { type FileIdentity, sameFile } from '../core/image.ts'
import { isMap } from '../core/layer.ts'
import type { Artifact } from '../core/record.ts'
import type { Disks } from '../ports/disks.ts'
import type { Files } from '../ports/files.ts'
import type { Work } from '../ports/work.ts'
import { knownDisk } from './whereabouts.ts'

/** The overlay of a snapshot over the disk at `path`, where a machine wrote to it since the snapshot was taken. */
export function writtenOverlay(
  path: string,
  artifacts: readonly Artifact[],
  files: Pick<Files, 'identities'>,
): string | undefined {
  return artifacts.find(({ path: over, status, evidence }) => {
    if (!over.startsWith(`${path}.`) || status !== 'made' || !isMap(evidence) || !isMap(evidence.file)) return false
    const [now] = files.identities([over])
    return now !== undefined && (evidence.written === true || !sameFile(evidence.file as unknown as FileIdentity, now))
  })?.path
}

/** The same, or an overlay in a pool elsewhere, of which nobody can tell without reading it. */
export function maybeWrittenOverlay(
  path: string,
  artifacts: readonly Artifact[],
  files: Pick<Files, 'identities'>,
): string | undefined {
  if (path.startsWith('/')) return writtenOverlay(path, artifacts, files)
  return artifacts.find(({ path: over, status, evidence }) => {
    return over.startsWith(`${path}.`) && status === 'made' && isMap(evidence) && evidence.over !== null
  })?.path
}

/** Throws away what a machine wrote over a disk that is made anew: over another disk it would be garbage. */
export async function emptyOverlays(
  id: string,
  images: Pick<Disks, 'overlay'>,
  files: Pick<Files, 'identities'>,
  work: Work,
): Promise<void> {
  const artifacts = work.artifacts()
  for (const { path, format } of artifacts.flatMap((artifact) => {
    const disk = knownDisk(artifact)
    return disk?.id === id ? [{ path: artifact.path, format: disk.format }] : []
  })) {
    if (!path.startsWith('/')) await leaveOverlays(path, artifacts, work)
    const over = writtenOverlay(path, artifacts, files)
    if (over === undefined) continue
    await images.overlay({ path, format }, over, work.signal, true)
    const [file] = files.identities([over])
    await work.made(over, file ? { file: { ...file } } : {})
  }
}

// Those in pools elsewhere: publishing makes anew what lies over no disk that there is.
async function leaveOverlays(path: string, artifacts: readonly Artifact[], work: Work): Promise<void> {
  for (const { path: over, status, evidence } of artifacts) {
    if (!over.startsWith(`${path}.`) || status !== 'made' || !isMap(evidence)) continue
    await work.made(over, { ...evidence, over: null })
  }
}
