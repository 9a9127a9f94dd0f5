import { lstatSync } from 'node:fs'
import { open, readFile, rename, unlink } from 'node:fs/promises'
import { holdsSizes, sizesOf } from './grain-sizes.ts'

/** How far a copy had come that was stopped; beside the partial file, whose bytes were on the disk before. */
export interface Checkpoint {
  /** What is copied, and how: another key makes the partial file worthless. */
  readonly key: string
  /** So many chunks, from the first on, are complete. */
  readonly chunks: number
  /** Of a compressed copy: so many grains are in them, whose sizes are beside it. */
  readonly grains?: number
}

const nameOf = (partial: string) => `${partial}.done`

/** What counts of a partial file; undefined when there is none, or it is of another copy. */
export async function readCheckpoint(partial: string, key: string): Promise<Checkpoint | undefined> {
  try {
    const found = JSON.parse(await readFile(nameOf(partial), 'utf8')) as Checkpoint
    if (found.key !== key || !Number.isSafeInteger(found.chunks) || found.chunks <= 0) return undefined
    if (!lstatSync(partial, { throwIfNoEntry: false })) return undefined
    if (found.grains !== undefined && !(await holdsSizes(partial, found.grains))) return undefined
    return found
  } catch (error) {
    // Without a readable one, the copy begins anew.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Writes it down, so that it is there as a whole or not at all. Flush the partial file first. */
export async function writeCheckpoint(partial: string, checkpoint: Checkpoint): Promise<void> {
  const temporary = `${nameOf(partial)}.new`
  const file = await open(temporary, 'w')
  try {
    await file.writeFile(JSON.stringify(checkpoint))
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, nameOf(partial))
}

export async function removeCheckpoint(partial: string): Promise<void> {
  for (const path of [nameOf(partial), `${nameOf(partial)}.new`, sizesOf(partial)]) await removeIfThere(path)
}

/** Removes a partial file with all that was written down about it. */
export async function discardCopy(partial: string): Promise<void> {
  await removeIfThere(partial)
  await removeCheckpoint(partial)
}

// Mostly it is not, which `rm` with `force` looks at twice, on other threads.
async function removeIfThere(path: string): Promise<void> {
  if (lstatSync(path, { throwIfNoEntry: false })) await unlink(path)
}
