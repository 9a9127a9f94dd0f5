import { hash } from 'node:crypto'
import { asJson, type Json } from '../core/json.ts'
import type { Issue } from '../core/language/check.ts'
import { type Manifest, manifestSchema } from '../core/language/manifest.ts'
import { placeIssues } from '../core/language/place-issues.ts'
import { readAs } from '../core/language/read-as.ts'
import { type WorkspaceConfig, workspaceSchema } from '../core/language/workspace.ts'
import { printable } from '../core/printable.ts'
import { type Problem, problemsOf } from '../core/problem.ts'
import { type Desired, machineName } from '../core/resolve-machine.ts'
import type { ParseCache, WorkspaceFiles } from '../ports/workspace-files.ts'

const configFile = 'h2k.yaml'

/** What git holds: what can be used of it, and everything that is wrong with the rest. */
export interface Workspace {
  readonly config: WorkspaceConfig
  readonly machines: readonly Desired[]
  readonly problems: readonly Problem[]
}

/** Reads `h2k.yaml` alone. @throws ProblemError with all that is wrong with it */
export function loadConfig(files: WorkspaceFiles): WorkspaceConfig {
  return readAs(workspaceSchema, files.read(configFile), configFile)
}

/** Reads the whole workspace. A manifest with problems does not hide the others. */
export async function loadWorkspace(
  config: WorkspaceConfig,
  files: WorkspaceFiles,
  cache: ParseCache,
  version: string,
): Promise<Workspace> {
  const problems: Problem[] = []
  const machines: Desired[] = []
  const include = config.include ?? ['manifests/**/*.{yaml,yml,json}']
  const found = await files.find(include)
  if (found.length === 0) {
    problems.push({
      severity: 'warning',
      code: 'NOTHING_INCLUDED',
      summary: `no file matches ${include.join(', ')}`,
      hint: 'h2k import FILE writes the first manifest',
      at: { file: configFile },
    })
  }
  for (const file of found) {
    try {
      const manifest = loadManifest(file, files, cache, version)
      machines.push({ name: machineName(manifest, file), file, manifest })
    } catch (error) {
      const known = problemsOf(error)
      if (!known) throw error
      problems.push(...known)
    }
  }
  problems.push(...duplicateNames(machines))
  return { config, machines: machines.toSorted(byName), problems }
}

function loadManifest(file: string, files: WorkspaceFiles, cache: ParseCache, version: string): Manifest {
  const content = files.read(file)
  const key = hash('sha256', content, 'hex') + version
  const known = cache.get(key)
  // Only what passed the check below gets into the cache.
  if (known !== undefined) return known as unknown as Manifest
  const manifest = readAs(manifestSchema, content, file)
  cache.set(key, asJson(manifest) as Json)
  return manifest
}

/** Gives each issue of a file its line and column, and orders them by it. */
export function placed(issues: readonly Issue[], file: string, files: WorkspaceFiles): readonly Problem[] {
  return placeIssues(issues, files.read(file), file)
}

function duplicateNames(machines: readonly Desired[]): Problem[] {
  const first = new Map<string, Desired>()
  return machines.flatMap((machine): Problem[] => {
    const key = machine.name.toLowerCase()
    const other = first.get(key)
    if (!other) {
      first.set(key, machine)
      return []
    }
    const name = printable(machine.name)
    const summary = `the machine "${name}" is also in ${other.file}`
    const hint = 'give one of them another source.vm_name'
    return [
      { severity: 'error', code: 'NAME_DUPLICATE', summary, hint, at: { file: machine.file, line: 1, column: 1 } },
    ]
  })
}

function byName(a: Desired, b: Desired): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}
