import type { PolicyRule } from '../policy.ts'

export const downtimeMinutes: PolicyRule<'downtime_minutes'> = {
  name: 'downtime_minutes',
  hint: 'agree on a longer downtime and raise max, or leave disks out',
  look: ({ machines, plan: { duration } }, { max }) =>
    machines.flatMap(({ planned: { name }, copySeconds }) => {
      if (copySeconds === undefined || copySeconds <= max * 60) return []
      const evidence = `its copy takes about ${minutes(copySeconds)} (${duration?.basis ?? 'no basis'}), more than ${max} min, and its source has to be off for it`
      return [{ machine: name, field: 'disks', keys: [['disks'], ['source', 'path']], evidence }]
    }),
}

// No rounding that would make it look allowed.
function minutes(seconds: number): string {
  const exact = seconds / 60
  return `${exact < 10 ? exact.toPrecision(2) : Math.ceil(exact)} min`
}
