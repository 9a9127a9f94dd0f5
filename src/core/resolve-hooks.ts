import type { MachineHooks } from './hook.ts'
import type { Issue } from './language/check.ts'
import { hookTemplateIssues } from './language/hook-templates.ts'
import { resolveHooks } from './language/hooks.ts'
import type { Manifest } from './language/manifest.ts'
import type { Paths } from './resolve-machine.ts'

/** The hooks of a machine. One that could never run is an issue: it would look as if it had. */
export function resolveMachineHooks({ hooks = {}, pipeline }: Manifest, paths: Paths, issues: Issue[]): MachineHooks {
  issues.push(...hookTemplateIssues(hooks))
  if (hooks.post_validate?.length && !pipeline?.validate?.enabled) {
    issues.push({
      code: 'VALUE_INVALID',
      path: ['hooks', 'post_validate'],
      summary: 'hooks.post_validate never runs: pipeline.validate is not enabled',
      hint: 'add pipeline.validate: {enabled: true}, or use post_convert',
    })
  }
  for (const point of ['pre_cutover', 'post_cutover'] as const) {
    if (!hooks[point]?.length) continue
    const summary = `hooks.${point}: this version has no cutover yet`
    issues.push({ code: 'NOT_BUILT', path: ['hooks', point], summary, hint: 'remove it, or use post_publish' })
  }
  return resolveHooks(hooks, (path) => paths.fromManifest(path))
}
