import { type FileIdentity, sameFile } from '../../core/image.ts'
import type { Artifact } from '../../core/record.ts'
import type { Remains } from '../../core/removal.ts'
import type { Files } from '../../ports/files.ts'

/** What is there of a file that h2k made. Small ones without an identity of their own are read. */
export async function fileRemains(artifact: Artifact, files: Files, signal: AbortSignal): Promise<Remains> {
  const { path, status } = artifact
  const [now] = files.identities([path])
  const seen = { bytes: now?.bytes ?? 0, mark: now ? `${now.bytes} ${now.modified}` : '' }
  // An attempt that was stopped may have left a part that has not this name yet.
  if (status === 'intended') return { standing: 'unfinished', ...seen }
  if (!now) return { standing: files.exists(path) ? 'changed' : 'gone', ...seen }
  return { standing: (await asMade(artifact, now, files, signal)) ? 'as made' : 'changed', ...seen }
}

async function asMade({ path, evidence }: Artifact, now: FileIdentity, files: Files, signal: AbortSignal) {
  const { file, sha256 } = (evidence ?? {}) as { readonly file?: FileIdentity; readonly sha256?: string }
  if (file) return sameFile(file, now)
  return sha256 !== undefined && (await files.sha256(path, signal)) === sha256
}
