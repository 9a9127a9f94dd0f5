import { setTimeout as sleep } from 'node:timers/promises'
import { problem, problemsOf } from '../../core/problem.ts'
import type { Arrival, Stretch, Web, WebFile } from '../../ports/web.ts'
import { PassingTrouble } from './request.ts'

/** Before each new try: together a little more than the minute in which a server starts again. */
const usualWaits = [1, 2, 4, 8, 16, 32]

/**
 * The bytes of a file, or of a stretch of it, once and in order. Where the connection breaks, the rest is asked for, some times
 * until more of it comes, and then as often again.
 * @param waits seconds before each try
 * @throws ProblemError SOURCE_CHANGED when it is another file by then; SOURCE_UNREADABLE after the last try, and at once what
 *   another one would not mend; whatever broke a connection that cannot be taken up again
 */
export async function* resumed(
  web: Web,
  file: WebFile,
  stretch: Stretch | undefined,
  signal: AbortSignal,
  waits: readonly number[] = usualWaits,
): AsyncGenerator<Buffer> {
  const { offsetBytes, lengthBytes } = stretch ?? { offsetBytes: 0, lengthBytes: file.identity.bytes }
  let tries = 0
  for (let done = 0; ; ) {
    const rest = { offsetBytes: offsetBytes + done, lengthBytes: lengthBytes - done }
    let bytes: Arrival | undefined
    let wait: number | undefined
    try {
      bytes = await web.open(file, done > 0 ? rest : stretch, signal)
      for await (const piece of bytes) {
        done += piece.length
        tries = 0
        yield piece
      }
      if (done >= lengthBytes || !file.resumable) return
      throw new Error(`the answer ended ${lengthBytes - done} bytes too early`)
    } catch (error) {
      signal.throwIfAborted()
      if (!file.resumable || done >= lengthBytes || !mayPass(error)) throw error
      wait = waits[tries]
      if (wait === undefined) throw givenUp(file, offsetBytes + done, tries, error)
      tries += 1
    } finally {
      bytes?.close()
    }
    await sleep(wait * 1000, undefined, { signal })
  }
}

/** What breaks a connection is no problem yet. */
function mayPass(error: unknown): boolean {
  return error instanceof PassingTrouble || problemsOf(error) === undefined
}

function givenUp({ name }: WebFile, at: number, tries: number, error: unknown) {
  const detail = problemsOf(error)?.[0]?.summary ?? (error instanceof Error ? error.message : String(error))
  return problem('SOURCE_UNREADABLE', `${name} broke off at byte ${at}, and ${tries} tries to go on brought nothing`, {
    detail,
    hint: 'see whether the server answers, then run the same again',
  })
}
