import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runStart } from '../app/run-start.ts'
import { problem } from '../core/problem.ts'
import { changeState } from './change-state.ts'
import { openOtherState } from './wiring.ts'

/** Puts the state in a file in place of the workspace's, which is made where there was none. Gives what it is then. */
export async function pushState(folder: string, file: string, force: boolean) {
  // As this version has it, whatever version wrote it.
  const own = mkdtempSync(join(tmpdir(), 'h2k-push-'))
  const path = join(own, 'state.db')
  try {
    const { lineage, serial } = await copied(file, path)
    return await changeState(folder, 'create', async (state, session, signal) => {
      const run = await runStart('state push', session, signal)
      const backup = state.serial() === 0 ? undefined : state.keep()
      state.takeOver({ path, lineage, serial }, run, force)
      return { lineage, serial: state.serial(), machines: state.machines().size, backup }
    })
  } finally {
    rmSync(own, { recursive: true })
  }
}

async function copied(file: string, path: string) {
  const other = openOtherState(file)
  try {
    if (other.lineage === '') throw problem('FILE_UNREADABLE', `${file}: there is no such file`)
    await other.backup(path)
    return { lineage: other.lineage, serial: other.serial() }
  } finally {
    other.close()
  }
}
