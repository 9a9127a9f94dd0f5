import { appendFileSync, closeSync, existsSync, fstatSync, mkdirSync, openSync, readSync } from 'node:fs'
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
    /** The last `bytes` of a machine's log of a run, from the start of a line; empty where it has none. */
    logTail(runId: string, machine: string, bytes: number): string {
      const path = join(folder, runId, `${fileNameOf(machine)}.log`)
      if (!existsSync(path)) return ''
      const text = readEnd(path, bytes)
      return text.cut ? text.end.slice(text.end.indexOf('\n') + 1) : text.end
    },
    logFile: (runId: string, machine: string, name: string) => inRun(runId, `${fileNameOf(machine)}-${name}`),
  }
}

function readEnd(path: string, bytes: number): { readonly end: string; readonly cut: boolean } {
  const file = openSync(path, 'r')
  try {
    const { size } = fstatSync(file)
    const from = Math.max(0, size - bytes)
    const end = Buffer.alloc(size - from)
    readSync(file, end, 0, end.length, from)
    return { end: end.toString('utf8'), cut: from > 0 }
  } finally {
    closeSync(file)
  }
}
