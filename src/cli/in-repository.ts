import { relative, resolve } from 'node:path'
import type { Place } from '../core/problem.ts'

/** Something about a file of a workspace, the file named from where h2k was started: in a pipeline, the root of the repository. */
export function inRepository<T extends { readonly at?: Place }>(about: T, folder: string): T {
  const prefix = relative(process.cwd(), resolve(folder))
  if (!about.at || prefix === '' || prefix.startsWith('..')) return about
  return { ...about, at: { ...about.at, file: `${prefix}/${about.at.file}` } }
}
