import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openState } from '../../../src/adapters/sqlite/open-state.ts'
import { stateContract } from '../../contract/state.ts'
import { shippedMigrations } from './state-folder.ts'

stateContract('SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'h2k-test-state-'))
  const place = { path: join(folder, 'state.db'), backups: join(folder, 'backups'), migrations: shippedMigrations }
  return {
    open: async (host, clock) => openState({ ...place, host, clock, mode: 'create' }),
    remove: () => rm(folder, { recursive: true }),
  }
})
