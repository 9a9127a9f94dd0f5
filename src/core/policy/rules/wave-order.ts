import { addressOf } from '../../address.ts'
import { acts } from '../../plan.ts'
import { printable } from '../../printable.ts'
import type { PolicyRule } from '../policy.ts'

export const waveOrder: PolicyRule<'wave_order'> = {
  name: 'wave_order',
  hint: 'finish the earlier wave first',
  look: ({ plan, waves, standings }) => {
    const acting = new Set(plan.machines.filter(acts).map(({ name }) => name))
    const open = standings.filter(({ name, done }) => !done && !acting.has(name)).toSorted((a, b) => a.wave - b.wave)
    return standings.flatMap(({ name, wave }) => {
      const [first] = open
      if (!acting.has(name) || !first || first.wave >= wave) return []
      const [own, earlier] = [wave, first.wave].map((index) => printable(waves[index] ?? ''))
      const evidence = `it goes with wave ${own}, and ${addressOf(first.name)} of the earlier wave ${earlier} is not done`
      return [{ machine: name, field: 'wave', keys: [['wave']], evidence }]
    })
  },
}
