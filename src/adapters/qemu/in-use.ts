import { printable } from '../../core/printable.ts'
import { problem, problemsOf } from '../../core/problem.ts'
import type { Runner } from '../../ports/runner.ts'

/** Runs tools of qemu, and says what to do where one is kept from an image by another program's lock. */
export function tellInUse(runner: Runner): Runner {
  return {
    ...runner,
    async run(command, signal) {
      try {
        return await runner.run(command, signal)
      } catch (error) {
        const path = problemsOf(error)
          ?.map(({ summary }) => lockedPath(summary))
          .find((found) => found !== undefined)
        if (path === undefined) throw error
        throw problem('SOURCE_RUNNING', `${printable(path)} is in use, such as by the machine that runs from it`, {
          hint: 'shut that machine down; a domain that source.connection names may run until its cutover, with cutover.source_action',
        })
      }
    },
  }
}

/** The image that qemu did not get a lock on. (`raw_check_lock_bytes` and `raw_apply_lock_bytes` in its `file-posix.c`) */
function lockedPath(said: string): string | undefined {
  if (!/Failed to get (?:shared )?"[a-z ]+" lock/.test(said)) return undefined
  return /Is another process using the image \[(.*)\]\?/.exec(said)?.[1] ?? 'an image'
}
