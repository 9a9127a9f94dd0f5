import { fingerprint } from './fingerprint.ts'
import { asJson, type Json } from './json.ts'
import type { Machine } from './machine.ts'

/**
 * A machine, with portable paths, as a saved plan keeps it to tell field by field what changed since. Of hooks and of what is
 * configured in the guest, which may hold secrets, it has fingerprints.
 */
export function comparableMachine({ name: _, file: __, batch, hooks, repair, ...rest }: Machine): Json {
  const points = Object.entries(hooks).map(([point, list]) => [point, list.map(fingerprint)])
  const { configuration, ...switches } = repair ?? {}
  return asJson({
    ...rest,
    ...(batch ? { batch: batch.id } : {}),
    ...(points.length > 0 ? { hooks: Object.fromEntries(points) } : {}),
    ...(repair
      ? { repair: { ...switches, ...(configuration ? { configuration: fingerprint(configuration) } : {}) } }
      : {}),
  })
}
