import { globMatcher } from './glob.ts'
import type { Issue } from './language/check.ts'
import { nearest } from './nearest.ts'
import { printable } from './printable.ts'

/** Machines that go together, in the order of the list. */
export interface Wave {
  readonly name: string
  /** Names or globs. */
  readonly machines: readonly string[]
}

/** A machine, and the wave that it asks for. */
export interface WaveMember {
  readonly name: string
  readonly wave?: string | undefined
}

export interface Waves {
  /** The index of a machine's wave: the one it asks for, else the first whose patterns fit; after all of them for the rest. */
  indexOf(machine: WaveMember): number
  /** Whether the wave that a machine asks for exists. */
  has(wave: string): boolean
}

export function createWaves(waves: readonly Wave[]): Waves {
  const byName = new Map(waves.map(({ name }, index) => [name, index]))
  const patterns = waves.map(({ machines }) => machines.map(globMatcher))
  return {
    has: (wave) => byName.has(wave),
    indexOf({ name, wave }) {
      const asked = wave === undefined ? undefined : byName.get(wave)
      if (asked !== undefined) return asked
      const fits = patterns.findIndex((matchers) => matchers.some((matches) => matches(name)))
      return fits === -1 ? waves.length : fits
    },
  }
}

/** WAVE_UNKNOWN for a wave that is not among those there are. */
export function unknownWave(wave: string, waves: readonly Wave[], path: Issue['path']): Issue {
  const names = waves.map(({ name }) => name)
  const near = nearest(wave, names)
  const known = names.length > 0 ? `there are: ${names.join(', ')}` : 'add it under waves in h2k.yaml'
  const hint = near === undefined ? known : `did you mean "${near}"?`
  return { code: 'WAVE_UNKNOWN', path, summary: `there is no wave "${printable(wave)}"`, hint }
}
