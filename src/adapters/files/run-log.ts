import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileNameOf } from '../../core/printable.ts'

/** Logs of runs: `FOLDER/RUN/MACHINE.log`. What hooks print is in there, bounded and without secrets. */
export function createRunLog(folder: string): (runId: string, machine: string, text: string) => void {
  return (runId, machine, text) => {
    const run = join(folder, runId)
    mkdirSync(run, { recursive: true, mode: 0o700 })
    appendFileSync(join(run, `${fileNameOf(machine)}.log`), text, { mode: 0o600 })
  }
}
