import { basename, extname, isAbsolute, relative, resolve } from 'node:path'
import { importVmware2scw, type Vmware2scwFiles } from '../core/import-vmware2scw.ts'
import { fileKind } from '../core/language/file-kind.ts'
import { parseText } from '../core/language/parse-text.ts'
import { readAs } from '../core/language/read-as.ts'
import { vmware2scwConfigSchema, vmware2scwPlanSchema } from '../core/language/vmware2scw.ts'
import { problem } from '../core/problem.ts'
import { initWorkspace, workspaceName } from './init-workspace.ts'
import { readInput } from './read-input.ts'

export interface ImportedFiles {
  readonly written: readonly string[]
  readonly warnings: readonly string[]
}

/**
 * Makes a workspace of the configuration and the plan of vmware2scw, told apart by their keys.
 * @throws ProblemError WORKSPACE_EXISTS, USAGE for two of a kind, and what is wrong with the files
 */
export async function importWorkspace(paths: readonly string[], folder: string): Promise<ImportedFiles> {
  if (paths.length === 0) {
    throw problem('USAGE', 'name migration.yaml, a plan, or both', {
      hint: 'h2k -C exit-2026 import --from vmware2scw migration.yaml plan.yaml',
    })
  }
  let found: Vmware2scwFiles = {}
  let copies: Readonly<Record<string, string>> = {}
  for (const path of paths) {
    const content = await readInput(path)
    const key = fileKind(parseText(content, path)) === 'vmware2scw' ? 'plan' : 'config'
    if (found[key]) {
      const what = key === 'plan' ? 'a plan' : 'a configuration'
      throw problem('USAGE', `${path} is ${what} too`, { hint: 'a workspace is made of one of each' })
    }
    if (key === 'config') found = { ...found, config: readAs(vmware2scwConfigSchema, content, path) }
    else {
      const plan = readAs(vmware2scwPlanSchema, content, path)
      const inside = pathInside(path, folder)
      const place = inside ?? `batches/plan${extname(basename(path))}`
      if (inside === undefined) copies = { [place]: new TextDecoder().decode(content) }
      found = { ...found, plan: { path: place, plan } }
    }
  }
  const { files, warnings } = importVmware2scw(workspaceName(folder), found)
  return { written: await initWorkspace(folder, { ...files, ...copies }), warnings }
}

// Where it is already; other characters would mean something in `include`.
function pathInside(path: string, folder: string): string | undefined {
  const inside = relative(folder, resolve(path))
  return !inside.startsWith('..') && !isAbsolute(inside) && /^[\w./-]+$/.test(inside) ? inside : undefined
}
