import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { onTestFinished } from 'vitest'
import { linuxHost } from '../../../src/adapters/sqlite/host.ts'
import { openState, type StateOptions } from '../../../src/adapters/sqlite/open-state.ts'
import type { StateStore } from '../../../src/ports/state.ts'
import { fakeHosts } from '../../contract/fake-hosts.ts'

export const shippedMigrations = resolve(import.meta.dirname, '../../../state/migrations')

/** A folder for one test, with a state in it once `open` is called. */
export interface StateFolder {
  readonly folder: string
  readonly path: string
  readonly backups: string
  /** Opens the state as this very process; it is closed when the test ends. */
  open(over?: Partial<StateOptions>): StateStore
}

export function stateFolder(): StateFolder {
  const folder = mkdtempSync(join(tmpdir(), 'h2k-test-state-'))
  const stores: StateStore[] = []
  onTestFinished(() => {
    for (const store of stores) store.close()
    rmSync(folder, { recursive: true })
  })
  const path = join(folder, 'state', 'state.db')
  const backups = join(folder, 'backups')
  return {
    folder,
    path,
    backups,
    open(over = {}) {
      const { clock } = fakeHosts()
      const options = {
        path,
        backups,
        migrations: shippedMigrations,
        host: linuxHost(),
        clock,
        mode: 'create',
      } as const
      const store = openState({ ...options, ...over })
      stores.push(store)
      return store
    },
  }
}

/** A run's beginning. */
export function runStart(id: string) {
  return { id, command: 'apply', who: 'ann@kvm1', version: '0.1.0', startedAt: '2026-03-01T10:00:00.000Z' }
}
