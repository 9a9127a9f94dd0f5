import type { Clock } from '../../ports/clock.ts'
import { createMemory } from './memory.ts'
import { findPool, type Pool } from './pools.ts'
import type { Virsh } from './virsh.ts'
import { isLineOf, volumeLines } from './volumes.ts'

/** A pool as it is. */
export interface PoolSight {
  /** Absent where there is none of that name. */
  readonly pool?: Pool
  has(volume: string): boolean
}

export interface PoolObserver {
  /** @throws ProblemError TARGET_UNFIT when it is not active, and nobody can tell what is in it */
  look(virsh: Virsh, pool: string, signal: AbortSignal): Promise<PoolSight>
  /** Something in it is about to change. */
  forget(virsh: Virsh, pool: string): void
}

/** Looks at each pool once for many machines. */
export function createPoolObserver(clock: Clock): PoolObserver {
  const seen = createMemory<PoolSight>(clock)
  const question = ({ uri }: Virsh, pool: string) => `${uri}#${pool}`
  return {
    look: (virsh, pool, signal) => seen.recall(question(virsh, pool), () => look(virsh, pool, signal)),
    forget: (virsh, pool) => seen.forget(question(virsh, pool)),
  }
}

async function look(virsh: Virsh, name: string, signal: AbortSignal): Promise<PoolSight> {
  const pool = await findPool(virsh, name, signal)
  if (!pool) return { has: () => false }
  const lines = await volumeLines(virsh, pool, signal)
  return { pool, has: (volume) => lines.some((line) => isLineOf(line, volume)) }
}
