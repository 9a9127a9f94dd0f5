import type { Hook } from '../core/hook.ts'
import type { HookContext } from '../core/hook-context.ts'
import type { Json } from '../core/json.ts'
import type { Problem } from '../core/problem.ts'

export interface HookWork {
  readonly signal: AbortSignal
  /** Called with what the hook prints, as it arrives: secrets masked, escapes for a terminal kept, bounded. */
  log(text: string): void
}

export interface HookResult {
  /** `skipped`: its `when` does not hold. */
  readonly outcome: 'succeeded' | 'skipped' | 'failed'
  readonly attempts: number
  /** With the waits between attempts. */
  readonly seconds: number
  /** What the last attempt printed or was answered, masked and bounded. */
  readonly output: string
  /** Why it failed. */
  readonly problem?: Problem
}

/** Runs what users hang into a machine's way. */
export interface Hooks {
  /**
   * What a hook's effect depends on: its definition and the content of its file, but not how patient h2k is with it.
   * @throws ProblemError HOOK_MISSING
   */
  identity(hook: Hook): Json
  /**
   * Runs a hook to its end, retries included. A failure is a result: what it means is the caller's decision.
   * @throws the signal's reason when aborted
   */
  run(hook: Hook, context: HookContext, work: HookWork): Promise<HookResult>
}
