import { setTimeout as sleep } from 'node:timers/promises'
import { problemsOf } from '../../core/problem.ts'
import type { Stretch, Web, WebFile } from '../../ports/web.ts'

const waitMilliseconds = 1000

/**
 * The bytes of a file, or of a stretch of it, once and in order. Where the connection breaks, the rest is asked for, as long as
 * some more came each time.
 * @throws ProblemError SOURCE_CHANGED when it is another file by then; whatever broke the connection for good
 */
export async function* resumed(
  web: Web,
  file: WebFile,
  stretch: Stretch | undefined,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const { offsetBytes, lengthBytes } = stretch ?? { offsetBytes: 0, lengthBytes: file.identity.bytes }
  for (let done = 0; ; ) {
    const before = done
    const rest = { offsetBytes: offsetBytes + done, lengthBytes: lengthBytes - done }
    const bytes = await web.open(file, done > 0 ? rest : stretch, signal)
    try {
      for await (const piece of bytes) {
        done += piece.length
        yield piece
      }
      return
    } catch (error) {
      signal.throwIfAborted()
      if (!file.resumable || done === before || done >= lengthBytes || problemsOf(error)) throw error
    } finally {
      bytes.close()
    }
    await sleep(waitMilliseconds, undefined, { signal })
  }
}
