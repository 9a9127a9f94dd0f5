import { existsSync, lstatSync } from 'node:fs'
import { rm, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { problem } from '../../core/problem.ts'
import { flush, partialName } from './write-whole.ts'

/**
 * Removes a file with what an unfinished attempt at it left, and waits until that is on the disk. One that is gone already
 * is no error; a link is removed and not followed.
 * @throws ProblemError DESTROY_REFUSED
 */
export async function remove(path: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) throw refused(path, 'it is a folder now')
  try {
    await rm(partialName(path), { force: true })
    await unlink(path)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === undefined) throw error
    if (code !== 'ENOENT') throw refused(path, code)
  }
  if (existsSync(dirname(path))) await flush(dirname(path))
}

function refused(path: string, why: string) {
  return problem('DESTROY_REFUSED', `${path} cannot be removed: ${why}`, { hint: 'remove what is in the way' })
}
