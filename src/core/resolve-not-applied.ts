import type { Manifest } from './language/manifest.ts'
import { notApplied } from './language/not-applied.ts'
import type { MachineTarget } from './machine.ts'

/**
 * What git asks for and this version does not do, for the plan to say. Without it the disk is the same and the machine as safe:
 * what a person relies on is refused where it is checked.
 */
export function resolveNotApplied(manifest: Manifest, target: Pick<MachineTarget, 'kind'>): readonly string[] {
  return [
    ...notApplied(manifest).map(({ path, what }) => `${path.join('.')} (${what})`),
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
