import { lstatSync } from 'node:fs'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { FileIdentity } from '../../core/image.ts'
import { problem } from '../../core/problem.ts'
import { identities } from './identity.ts'

/** The name under which a file is made: in its final folder, so that the rename stays within a file system. */
export function partialName(path: string): string {
  return join(dirname(path), `.${basename(path)}.h2k-part`)
}

/** Writes a whole file so that under its final name it is complete and on the disk, or not there. */
export async function writeWhole(path: string, content: string, signal: AbortSignal): Promise<FileIdentity> {
  const partial = partialName(path)
  await mkdir(dirname(path), { recursive: true })
  refuseLink(path)
  await rm(partial, { force: true })
  signal.throwIfAborted()
  const file = await open(partial, 'wx')
  try {
    await file.writeFile(content)
  } finally {
    await file.close()
  }
  return await completeFile(partial, path)
}

/** Flushes a finished file, gives it its final name, and flushes the folder. */
export async function completeFile(partial: string, path: string): Promise<FileIdentity> {
  await flush(partial)
  refuseLink(path)
  await rename(partial, path)
  await flush(dirname(path))
  const [identity] = identities([path])
  if (!identity) throw problem('RESULT_WRONG', `${path} vanished just after it was written`)
  return identity
}

// Somebody who may write to the folder could point our name at a file of somebody else.
export function refuseLink(path: string): void {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return
  throw problem('OUTPUT_NOT_OURS', `${path} is a symbolic link`, { hint: 'remove it' })
}

/** Waits until a file, or a folder's list of names, is on the disk. */
export async function flush(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
