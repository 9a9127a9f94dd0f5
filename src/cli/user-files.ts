import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { problem } from '../core/problem.ts'

/**
 * Makes a folder that a user named, with those above it. Node's own way to make them all never ends where the file system
 * has no such names, as in /proc.
 * @throws ProblemError FILE_UNREADABLE
 */
export async function makeFolder(path: string): Promise<void> {
  if (existsSync(path)) return
  if (dirname(path) !== path) await makeFolder(dirname(path))
  try {
    await mkdir(path)
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return
    throw problem('FILE_UNREADABLE', `${path} cannot be made: ${codeOf(error)}`, { hint: 'name another folder' })
  }
}

/** Writes a file that a user named. @throws ProblemError FILE_UNREADABLE */
export async function writeText(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text)
  } catch (error) {
    throw problem('FILE_UNREADABLE', `${path} cannot be written: ${codeOf(error)}`, { hint: 'name another file' })
  }
}

/** Writes a plan; only another plan is overwritten. @throws ProblemError WORKSPACE_EXISTS, FILE_UNREADABLE */
export async function writePlan(path: string, text: string): Promise<void> {
  const present = await readFile(path, 'utf8').catch(() => undefined)
  if (present !== undefined && !present.startsWith('{\n "h2k_plan"')) {
    throw problem('WORKSPACE_EXISTS', `${path} exists and is no plan`, { hint: 'name another file' })
  }
  await writeText(path, text)
}

/** Reads a file that a user named. @throws ProblemError FILE_UNREADABLE */
export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw problem('FILE_UNREADABLE', `${path} cannot be read: ${codeOf(error)}`)
  }
}

/** Reads a JSON file that a user named. @throws ProblemError FILE_UNREADABLE, PLAN_UNREADABLE */
export async function readJson(path: string): Promise<unknown> {
  const text = await readText(path)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw problem('PLAN_UNREADABLE', `${path} is no JSON: ${error instanceof Error ? error.message : ''}`)
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error)
}
