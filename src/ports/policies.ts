import type { CommandAnswer } from '../core/policy/answer.ts'

/** A policy of a user: a program that reads a plan. */
export interface PolicyCommand {
  /** A name on PATH or a path, then arguments. */
  readonly run: readonly string[]
  /** Where it runs. Absolute. */
  readonly folder: string
  readonly timeoutSeconds: number
}

export interface PolicyCommands {
  /**
   * Runs a command with `input` on its standard input.
   * @throws ProblemError TOOL_MISSING, TOOL_TIMEOUT, TOOL_FAILED for one that prints without end
   */
  ask(command: PolicyCommand, input: string, signal: AbortSignal): Promise<CommandAnswer>
}
