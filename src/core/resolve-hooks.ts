import type { HookPoint, MachineHooks } from './hook.ts'
import type { Issue } from './language/check.ts'
import { hookTemplateIssues } from './language/hook-templates.ts'
import { resolveHooks } from './language/hooks.ts'
import type { Manifest } from './language/manifest.ts'
import type { Layer } from './layer.ts'
import { originOf } from './origin.ts'
import type { Paths } from './resolve-machine.ts'

/**
 * The hooks of a machine, their paths as the file means them that says them. One that could never run is an issue: it would
 * look as if it had.
 */
export function resolveMachineHooks(
  { hooks = {}, pipeline }: Manifest,
  layers: readonly Layer[],
  paths: Paths,
  issues: Issue[],
): MachineHooks {
  issues.push(...hookTemplateIssues(hooks))
  if (hooks.post_validate?.length && !pipeline?.validate?.enabled) {
    issues.push({
      code: 'VALUE_INVALID',
      path: ['hooks', 'post_validate'],
      summary: 'hooks.post_validate never runs: pipeline.validate is not enabled',
      hint: 'add pipeline.validate: {enabled: true}, or use post_convert',
    })
  }
  return resolveHooks(hooks, (path, point) => {
    const file = fileOf(point, layers)
    return file === undefined ? paths.fromManifest(path) : paths.fromFile(file, path)
  })
}

// Lists replace as a whole, so all hooks of a point are from one file.
function fileOf(point: HookPoint, layers: readonly Layer[]): string | undefined {
  const origin = originOf(layers, ['hooks', point])
  return origin && layers[origin.layer]?.origin.file
}
