import type { Issue } from './language/check.ts'
import type { Manifest } from './language/manifest.ts'
import type { Machine, MachineTarget } from './machine.ts'

/** Where git has a machine that boots twice before it is as it should be; undefined for one that does not. */
export function resolveBootPhase(
  { pipeline }: Manifest,
  target: MachineTarget,
  issues: Issue[],
): Machine['bootPhase'] | undefined {
  const { enabled, boot_phase: phase } = pipeline?.fix ?? {}
  if (!enabled || phase === undefined) return undefined
  if (phase === 'sata' && target.kind !== 'libvirt') {
    issues.push({
      code: 'VALUE_INVALID',
      path: ['pipeline', 'fix', 'boot_phase'],
      summary: 'pipeline.fix.boot_phase: only a libvirt tells which disks the first boot wrote to, and would keep that',
      hint: 'name a target of type libvirt, or remove boot_phase',
    })
  }
  return phase
}
