import { resolve } from 'node:path'
import { createWorkspaceFiles } from '../../src/adapters/workspace/workspace-files.ts'
import { loadConfig, loadWorkspace, type Workspace } from '../../src/app/load-workspace.ts'
import { offlineProblems } from '../../src/app/subjects.ts'
import type { Problem } from '../../src/core/problem.ts'
import type { JsonSchemas } from '../../src/ports/json-schemas.ts'
import type { ParseCache } from '../../src/ports/workspace-files.ts'
import { makeWorkspace } from '../support/machines.ts'

/** Images of which only git says anything: enough to be planned as far as git goes. */
export const bareMachine = (rest = '') => `manifest_version: "1.0"
source: {provider: local}
vm: {cpu: 1, mem_gb: 1}
disks: [{id: boot, source_format: vmdk, bytes: 4194304, local_path: disk.vmdk}]
${rest}`

export interface Loaded extends Workspace {
  readonly root: string
  /** Those of the files, then those of the machines as far as git can tell. */
  readonly all: readonly Problem[]
}

/** Keeps nothing, as if it were the first time. */
export const noCache = (): ParseCache => ({ get: () => undefined, set: () => undefined, save: async () => undefined })

/** For workspaces without `policy.schemas`. */
export const noSchemas = (): Promise<JsonSchemas> => Promise.reject(new Error('nothing asks for schemas'))

/** Loads these files as h2k does, from a real folder. */
export async function loaded(written: Readonly<Record<string, string>>): Promise<Loaded> {
  const root = makeWorkspace(written)
  const files = createWorkspaceFiles(root, resolve('.'))
  const config = loadConfig(files)
  const workspace = await loadWorkspace(config, files, noCache(), 'test')
  return { ...workspace, root, all: [...workspace.problems, ...offlineProblems(workspace.machines, { config, files })] }
}

/** `file:line:column CODE: summary`, as a person reads it. */
export function told(problems: readonly Problem[]): readonly string[] {
  return problems.map(({ at, code, summary }) => `${at?.file}:${at?.line}:${at?.column} ${code}: ${summary}`)
}
