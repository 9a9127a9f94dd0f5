import { portableFingerprint } from '../core/fingerprint.ts'
import type { Machine } from '../core/machine.ts'
import type { Context } from './context.ts'
import { hooksOf } from './stage-hooks.ts'
import { stagesOf } from './stages/table.ts'

/** What git wants of a machine's disks and domain: a digest of each part, by the key of the manifest that it comes from. */
export type WantedParts = Readonly<Record<string, string>>

/**
 * Tells whether git still wants the same machine, whatever its source has on its disks by now. How and when it is cut over, and
 * with whom it goes, is no part of it.
 */
export function wantedParts(machine: Machine, { hooks, root }: Pick<Context, 'hooks' | 'root'>): WantedParts {
  const parts: Readonly<Record<string, unknown>> = {
    source: machine.source,
    vm: machine.hardware,
    disks: machine.disks,
    nics: machine.nics,
    'pipeline.convert': machine.conversion,
    'pipeline.validate': machine.validation,
    'pipeline.inspect': machine.inspection,
    'pipeline.fix': machine.repair,
    'pipeline.fix.boot_phase': machine.bootPhase,
    'pipeline.validate.boot_test': machine.bootTest,
    target: machine.target,
    domain_patch: machine.domainPatches,
    hooks: stagesOf(machine).flatMap(({ name }) =>
      hooksOf(name, machine).map(({ point, hook }) => ({ point, name: hook.name, does: hooks.identity(hook) })),
    ),
  }
  const given = Object.entries(parts).filter(([, value]) => value !== undefined)
  return Object.fromEntries(given.map(([key, value]) => [key, portableFingerprint(value, root)]))
}

/** The keys under which git says something else by now, in the order of the alphabet. */
export function changedParts(before: WantedParts, now: WantedParts): readonly string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(now)])
  return [...keys].filter((key) => before[key] !== now[key]).toSorted()
}
