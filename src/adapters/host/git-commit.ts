import type { Runner } from '../../ports/runner.ts'

/** The commit that a folder's git checkout is at; undefined outside of git, without a commit, or without git. */
export async function gitCommit(runner: Runner, folder: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const args = ['-C', folder, 'rev-parse', '--verify', 'HEAD']
    const { stdout } = await runner.run({ file: 'git', args, timeoutSeconds: 10, answers: [128] }, signal)
    return /^[0-9a-f]{40,64}$/.test(stdout.trim()) ? stdout.trim() : undefined
  } catch (error) {
    signal.throwIfAborted()
    // A machine without git works too; a commit is a convenience of the history.
    if (error instanceof Error) return undefined
    throw error
  }
}
