import { describe } from 'vitest'
import { evidenceContract } from './state-evidence.ts'
import { locksContract } from './state-locks.ts'
import { recordsContract } from './state-records.ts'
import { type StateUnderTest, stateWorld } from './state-world.ts'

/** What every `StateStore` does. `make` prepares an empty state; it is called anew for each test. */
export function stateContract(adapter: string, make: () => Promise<StateUnderTest>): void {
  describe(`the state in ${adapter}`, () => {
    const world = stateWorld(make)
    recordsContract(world)
    describe('evidence', () => evidenceContract(world))
    locksContract(world)
  })
}
