import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Runner } from '../../ports/runner.ts'

/** The SHA-256 (hex) of what `write` writes to a path. It is a pipe: however much it is, it takes no room. */
export async function digestOfFile(
  runner: Pick<Runner, 'run'>,
  write: (path: string, signal: AbortSignal) => Promise<unknown>,
  signal: AbortSignal,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'h2k-digest-'))
  const over = new AbortController()
  try {
    const path = join(folder, 'pipe')
    await runner.run({ file: 'mkfifo', args: ['-m', '600', path] }, signal)
    const within = AbortSignal.any([signal, over.signal])
    const reading = runner.run({ file: 'sha256sum', args: [path] }, within)
    // Whichever fails first, the other would wait for it for ever.
    const writing = write(path, within)
    for (const one of [reading, writing]) one.catch((error: unknown) => over.abort(error))
    await Promise.allSettled([reading, writing])
    signal.throwIfAborted()
    over.signal.throwIfAborted()
    const [digest] = /[0-9a-f]{64}/.exec((await reading).stdout) ?? []
    if (digest === undefined) throw new Error('sha256sum printed no digest')
    return digest
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
