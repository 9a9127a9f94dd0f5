import { readFile } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { problem } from '../core/problem.ts'

/** A file that a user named, `-` being standard input. @throws ProblemError FILE_UNREADABLE */
export async function readInput(path: string): Promise<Uint8Array> {
  if (path === '-') return await buffer(process.stdin)
  try {
    return await readFile(path)
  } catch (error) {
    throw problem('FILE_UNREADABLE', `${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`)
  }
}
