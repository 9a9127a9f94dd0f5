import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ProblemError, problem } from '../../core/problem.ts'
import type { Command, Conversation } from '../../ports/runner.ts'
import { endGroup, endTree } from './end-tree.ts'
import { lineReader } from './lines.ts'
import { exitOf, markOf, start } from './start-tool.ts'
import { keptCharacters, lastWords, tail, toolTitle } from './tail.ts'

// An answer is text of a file at most; one that never ends must not fill the memory.
const longestAnswer = 64 * 1024 * 1024
// How long a tool may take to end after its input did.
const partingSeconds = 30

interface Question {
  settle(answer: string): void
  fail(reason: unknown): void
  readonly timer: NodeJS.Timeout
}

/** Talks with a tool line by line, in the order of the lines. */
export function converse(command: Command, signal: AbortSignal): Conversation {
  signal.throwIfAborted()
  const mark = randomUUID()
  const child = start({ ...command, reports: true }, mark, true)
  tail(child.stdout, keptCharacters, command.onOutput)
  const stderr = tail(child.stderr, keptCharacters, command.onErrorOutput)
  const questions: Question[] = []
  let failure: { readonly reason: unknown } | undefined
  let ending: Promise<void> | undefined

  const failAll = (reason: unknown) => {
    failure ??= { reason }
    for (const { fail, timer } of questions.splice(0)) {
      clearTimeout(timer)
      fail(failure.reason)
    }
  }
  const stop = (reason: unknown) => {
    failAll(reason)
    child.stdin?.end()
    if (child.pid !== undefined) ending ??= endTree({ leader: child.pid, mark: markOf(mark) })
  }
  const onAbort = () => stop(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })

  const broken = (summary: string): ProblemError => problem('TOOL_FAILED', `${toolTitle(command)} ${summary}`)
  const [, , , answers] = child.stdio
  if (!answers || !('setEncoding' in answers)) throw new Error('file descriptor 3 is no pipe')
  const reader = lineReader(longestAnswer, {
    line(text) {
      const question = questions.shift()
      if (!question) return stop(broken('said something that it was not asked'))
      clearTimeout(question.timer)
      question.settle(text)
    },
    tooLong: () => stop(broken('gave an answer that does not end')),
  })
  answers.setEncoding('utf8').on('data', reader)

  const gone = (async () => {
    await exitOf(child)
    signal.removeEventListener('abort', onAbort)
    await (ending ?? (child.pid === undefined ? undefined : endGroup(child.pid)))
    // What it said last is still on its way; whoever left its group may hold the pipes open for ever.
    await Promise.race([child, sleep(500, undefined, { ref: false })])
    for (const stream of child.stdio) stream?.destroy()
    const { exitCode, signal: endedBy, cause } = await child
    const how = exitCode ?? endedBy ?? cause ?? 'something'
    failAll(broken(`ended with ${how}: ${lastWords(stderr) || 'it said nothing'}`))
  })()

  return {
    async ask(line, timeoutSeconds) {
      if (failure) throw failure.reason
      return await new Promise<string>((settle, fail) => {
        const timer = setTimeout(() => {
          stop(problem('TOOL_TIMEOUT', `${toolTitle(command)} took longer than ${timeoutSeconds} s`))
        }, timeoutSeconds * 1000)
        questions.push({ settle, fail, timer })
        child.stdin?.write(`${line}\n`)
      })
    },
    async end() {
      child.stdin?.end()
      const late = new AbortController()
      const patience = sleep(partingSeconds * 1000, 'late', { signal: late.signal, ref: false }).catch(() => undefined)
      if ((await Promise.race([gone, patience])) === 'late') stop(broken('did not end'))
      late.abort()
      await gone
      await ending
    },
  }
}
