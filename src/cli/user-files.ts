import { readFile, writeFile } from 'node:fs/promises'
import { problem } from '../core/problem.ts'

/** Writes a file that a user named. @throws ProblemError FILE_UNREADABLE */
export async function writeText(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text)
  } catch (error) {
    throw problem('FILE_UNREADABLE', `${path} cannot be written: ${codeOf(error)}`, { hint: 'name another file' })
  }
}

/** Reads a JSON file that a user named. @throws ProblemError FILE_UNREADABLE, PLAN_UNREADABLE */
export async function readJson(path: string): Promise<unknown> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw problem('FILE_UNREADABLE', `${path} cannot be read: ${codeOf(error)}`)
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw problem('PLAN_UNREADABLE', `${path} is no JSON: ${error instanceof Error ? error.message : ''}`)
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error)
}
