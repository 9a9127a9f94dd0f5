import { addressOf } from '../core/address.ts'
import { cutOver } from '../core/deeds.ts'
import type { PlannedDeed } from '../core/planned-deed.ts'
import type { MachineRecord } from '../core/record.ts'
import { publishedDomain } from './published-domain.ts'

/** Machines in their order, each after those of them that it depends on, be it through others. */
export function afterDependencies(
  names: readonly string[],
  dependsOn: (name: string) => readonly string[],
): readonly string[] {
  const wanted = new Set(names)
  const ordered = new Set<string>()
  const entered = new Set<string>()
  const enter = (name: string) => {
    if (entered.has(name)) return
    entered.add(name)
    for (const other of dependsOn(name)) enter(other)
    if (wanted.has(name)) ordered.add(name)
  }
  for (const name of names) enter(name)
  return [...ordered]
}

/**
 * What a machine waits for of those that it depends on: each has to be cut over before it, or go ahead of it in this run. One
 * that is files has no cutover; it has to be published.
 */
export function waitsForOthers(
  dependsOn: readonly string[],
  ahead: ReadonlyMap<string, Pick<PlannedDeed, 'standing'>>,
  recordOf: (name: string) => MachineRecord | undefined,
): readonly string[] {
  return dependsOn.flatMap((name) => {
    if (ahead.get(name)?.standing === 'acts') return []
    const record = recordOf(name)
    if (record && (cutOver(record) || isFiles(record))) return []
    return [`depends_on: ${addressOf(name)} is not cut over`]
  })
}

function isFiles(record: MachineRecord): boolean {
  return record.stages.get('publish')?.status === 'done' && publishedDomain(record) === undefined
}
