import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileNameOf } from '../../core/printable.ts'

/** Logs of runs: `FOLDER/RUN/MACHINE.log`, and files beside it. What hooks print is in there, bounded and without secrets. */
export function createRunLog(folder: string) {
  const inRun = (runId: string, name: string) => {
    const run = join(folder, runId)
    mkdirSync(run, { recursive: true, mode: 0o700 })
    return join(run, name)
  }
  return {
    log(runId: string, machine: string, text: string): void {
      appendFileSync(inRun(runId, `${fileNameOf(machine)}.log`), text, { mode: 0o600 })
    },
    logFile: (runId: string, machine: string, name: string) => inRun(runId, `${fileNameOf(machine)}-${name}`),
  }
}
