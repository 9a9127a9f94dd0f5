import type { Issue } from './language/check.ts'
import type { Manifest } from './language/manifest.ts'
import { notApplied } from './language/not-applied.ts'
import type { MachineTarget } from './machine.ts'

// Without these the disk is the same and the machine as safe: a plan only has to say that they are missing.
const tolerated = /^scaleway$/

/** Whether a key that has no effect is only told by the plan, and not refused. */
export function isTolerated(key: string): boolean {
  return tolerated.test(key)
}

/**
 * What git asks for and this version does not do, for the plan to say. What a person relies on, such as `dry_run` or where
 * a disk goes, is an issue instead.
 */
export function resolveNotApplied(
  manifest: Manifest,
  target: Pick<MachineTarget, 'kind'>,
  issues: Issue[],
): readonly string[] {
  return [
    ...notApplied(manifest).flatMap(({ path, what }) => {
      const key = path.join('.')
      if (isTolerated(key)) return [`${key} (${what})`]
      issues.push({
        code: 'NOT_BUILT',
        path,
        summary: `${key}: this version has no ${what} yet`,
        hint: 'remove the key, or wait for the version that honours it',
      })
      return []
    }),
    ...(target.kind === 'files' ? ofCutover(manifest) : []),
  ]
}

function ofCutover({ cutover = {}, hooks = {} }: Manifest): readonly string[] {
  const keys = [
    ...(Object.keys(cutover).length > 0 ? ['cutover'] : []),
    ...(['pre_cutover', 'post_cutover'] as const).flatMap((point) => (hooks[point]?.length ? `hooks.${point}` : [])),
  ]
  return keys.map((key) => `${key} (only a machine in libvirt is cut over)`)
}
