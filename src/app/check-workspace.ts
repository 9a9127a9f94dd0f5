import { check } from '../core/language/check.ts'
import { parseText } from '../core/language/parse-text.ts'
import { profileSchema } from '../core/language/profile.ts'
import { type WorkspaceConfig, workspaceSchema } from '../core/language/workspace.ts'
import { eachOnce, type Problem, problemsOf } from '../core/problem.ts'
import type { JsonSchemas } from '../ports/json-schemas.ts'
import type { ParseCache, WorkspaceFiles } from '../ports/workspace-files.ts'
import { createFileReader } from './file-reader.ts'
import { loadConfig, loadWorkspace, rightPart } from './load-workspace.ts'
import { policyProblems } from './policy.ts'
import { ownProfiles } from './profile-shelf.ts'
import { offlineProblems, uselessProblems } from './subjects.ts'

/** A workspace's folder, whatever its `h2k.yaml` says. */
export interface OpenWorkspace {
  readonly files: WorkspaceFiles
  readonly cache: ParseCache
  readonly version: string
  schemas(): Promise<JsonSchemas>
}

export interface CheckedWorkspace {
  readonly name: string
  readonly machines: number
  readonly problems: readonly Problem[]
}

/** Everything that is wrong with a workspace, as far as its files alone can tell. */
export async function checkWorkspace({ files, cache, version, schemas }: OpenWorkspace): Promise<CheckedWorkspace> {
  const { config, problems: ofConfig } = readConfig(files)
  if (!config) return { name: files.root, machines: 0, problems: ofConfig }
  const { machines, problems } = await loadWorkspace(config, files, cache, version)
  await cache.save()
  const ofProfiles = profileProblems(config, files, cache, version)
  // What machines come to depends on what cannot be read.
  const ofMachines = ofConfig.length > 0 ? [] : offlineProblems(machines, { config, files })
  const denied = ofConfig.length > 0 ? [] : await policyProblems(machines, config, files, schemas)
  const useless = ofConfig.length > 0 ? [] : uselessProblems(machines, { config, files })
  const all = [...ofConfig, ...ofProfiles, ...problems, ...ofMachines, ...denied, ...useless]
  return { name: config.name, machines: machines.length, problems: eachOnce(all) }
}

/** `h2k.yaml`, without the keys that are wrong, so that they do not hide what is wrong elsewhere. */
function readConfig(files: WorkspaceFiles): { config?: WorkspaceConfig; problems: readonly Problem[] } {
  try {
    return { config: loadConfig(files), problems: [] }
  } catch (error) {
    const problems = problemsOf(error)
    if (!problems) throw error
    return { problems, ...restOfConfig(files) }
  }
}

function restOfConfig(files: WorkspaceFiles): { config?: WorkspaceConfig } {
  try {
    const parsed = parseText(files.read('h2k.yaml'), 'h2k.yaml')
    const config = rightPart(parsed, check(workspaceSchema, parsed).issues ?? [])
    return config ? { config } : {}
  } catch (error) {
    // It is told already that it does not parse.
    if (!problemsOf(error)) throw error
    return {}
  }
}

// Also of those that no machine takes.
function profileProblems(
  config: WorkspaceConfig,
  files: WorkspaceFiles,
  cache: ParseCache,
  version: string,
): readonly Problem[] {
  const reader = createFileReader(files, cache, version)
  return ownProfiles(config, files).flatMap((file) => {
    try {
      reader.readAs(profileSchema, file)
      return []
    } catch (error) {
      const problems = problemsOf(error)
      if (!problems) throw error
      return problems
    }
  })
}
