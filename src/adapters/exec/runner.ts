import { randomUUID } from 'node:crypto'
import { constants } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { problem } from '../../core/problem.ts'
import type { Command, Finished, Runner } from '../../ports/runner.ts'
import { converse } from './conversation.ts'
import { endGroup, endTree } from './end-tree.ts'
import { type Child, exitOf, markOf, start } from './start-tool.ts'
import { keptCharacters, lastWords, tail, toolTitle } from './tail.ts'

const keptReportCharacters = 1024 * 1024

/** Runs real tools. */
export function createRunner(): Runner {
  return { run, converse }
}

async function run(command: Command, signal: AbortSignal): Promise<Finished> {
  signal.throwIfAborted()
  const mark = randomUUID()
  const child = start(command, mark)
  const stdout = tail(child.stdout, keptCharacters, command.onOutput)
  const stderr = tail(child.stderr, keptCharacters, command.onErrorOutput)
  const report = tail(child.stdio[3], keptReportCharacters)
  let timedOut = false
  let ending: Promise<void> | undefined
  const stop = () => {
    if (child.pid !== undefined) ending ??= endTree({ leader: child.pid, mark: markOf(mark) })
  }
  const timer = command.timeoutSeconds
    ? setTimeout(() => {
        timedOut = true
        stop()
      }, command.timeoutSeconds * 1000)
    : undefined
  signal.addEventListener('abort', stop, { once: true })
  await exitOf(child)
  clearTimeout(timer)
  signal.removeEventListener('abort', stop)
  const output = openOutput(child, () => stdout.seen() + stderr.seen() + report.seen())
  // What still holds the output may be about to finish, such as `tee`; what is quiet is not.
  if (!ending) await output.settled()
  await (ending ?? (child.pid === undefined ? undefined : endGroup(child.pid)))
  await output.settled()
  output.close()
  const result = await child
  signal.throwIfAborted()
  const tool = toolTitle(command)
  const detail = lastWords(stderr)
  if (timedOut) throw problem('TOOL_TIMEOUT', `${tool} took longer than ${command.timeoutSeconds} s`, { detail })
  const exitCode = result.exitCode ?? (command.answers === 'any' ? numberOf(result.signal) : undefined)
  if (exitCode === undefined) {
    throw problem('TOOL_FAILED', `${tool} was ended by ${result.signal ?? result.cause ?? 'something'}`, { detail })
  }
  if (exitCode !== 0 && command.answers !== 'any' && !command.answers?.includes(exitCode)) {
    throw problem('TOOL_FAILED', `${tool} failed with ${exitCode}: ${detail || 'it said nothing'}`)
  }
  return {
    exitCode,
    stdout: stdout.text(),
    stderr: stderr.text(),
    ...(command.reports ? { report: report.text() } : {}),
  }
}

/** The pipes of a tool that has ended: what it started may hold them open for ever. */
function openOutput(child: Child, seen: () => number) {
  let open = true
  const end = child.then(() => {
    open = false
  })
  return {
    /** Settles when the pipes are closed, were quiet for a while, or go on and on. */
    async settled(): Promise<void> {
      for (let waits = 0, quiet = 0; open && quiet < 5 && waits < 40; waits++) {
        const before = seen()
        await Promise.race([end, sleep(50, undefined, { ref: false })])
        quiet = seen() === before ? quiet + 1 : 0
      }
    },
    close() {
      if (open) for (const stream of child.stdio) stream?.destroy()
    },
  }
}

function numberOf(signal: string | undefined): number | undefined {
  const found = Object.entries(constants.signals).find(([name]) => name === signal)
  return found && 128 + found[1]
}
