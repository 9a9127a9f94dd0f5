import { globMatcher } from './glob.ts'
import type { Issue } from './language/check.ts'
import type { WorkspaceConfig } from './language/workspace.ts'
import { nearest } from './nearest.ts'
import { printable } from './printable.ts'
import { minutesOf, type Window, weekDays } from './window.ts'

export type PauseAfter = 'continue' | 'pause' | 'pause_on_failure'

/** Machines that go together, in the order of the list. */
export interface Wave {
  readonly name: string
  /** Names or globs. */
  readonly machines: readonly string[]
}

/** A wave with how it goes. */
export interface WaveRule extends Wave {
  readonly pauseAfter: PauseAfter
  /** At most so many of its machines at the same time. */
  readonly maxParallel?: number
  readonly window?: Window
}

/** A machine, and the wave that it asks for. */
export interface WaveMember {
  readonly name: string
  readonly wave?: string | undefined
  /** Asked for in the name of many: any pattern is stronger. */
  readonly byDefault?: boolean
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
    indexOf({ name, wave, byDefault = false }) {
      const asked = wave === undefined ? undefined : byName.get(wave)
      if (asked !== undefined && !byDefault) return asked
      const fits = patterns.findIndex((matchers) => matchers.some((matches) => matches(name)))
      return fits === -1 ? (asked ?? waves.length) : fits
    },
  }
}

// The wave of machines that no other has; after it there is none to pause before.
const rest: WaveRule = { name: 'the rest', machines: ['*'], pauseAfter: 'continue' }

/**
 * The waves of a workspace with every default filled in, else those of its plans, and a last one for the rest; none where
 * nobody has any.
 */
export function wavesOf(
  { waves = [] }: Pick<WorkspaceConfig, 'waves'>,
  planned: readonly WaveRule[] = [],
): readonly WaveRule[] {
  const rules = waves.length > 0 ? waves.map(ruleOf) : planned
  return rules.length > 0 ? [...rules, rest] : []
}

function ruleOf(wave: NonNullable<WorkspaceConfig['waves']>[number]): WaveRule {
  const { name, machines = [], pause_after: pauseAfter = 'pause_on_failure', max_parallel: maxParallel, window } = wave
  return {
    name,
    machines,
    pauseAfter,
    ...(maxParallel === undefined ? {} : { maxParallel }),
    ...(window
      ? {
          window: {
            days: window.days ?? weekDays,
            from: minutesOf(window.from ?? '00:00'),
            to: minutesOf(window.to ?? '24:00'),
            timeZone: window.timezone ?? 'UTC',
          },
        }
      : {}),
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
