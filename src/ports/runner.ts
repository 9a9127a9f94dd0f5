/** A tool that h2k starts, always by argv, never through a shell. */
export interface Command {
  readonly file: string
  readonly args: readonly string[]
  /** Ends the tool, and everything it started, after this long. */
  readonly timeoutSeconds?: number
  /** Called with each piece of standard output as it arrives. */
  readonly onOutput?: (text: string) => void
  /** Exit codes besides 0 that are an answer and not a failure. */
  readonly answers?: readonly number[]
}

export interface Finished {
  readonly exitCode: number
  /** The last part of each stream, bounded; earlier output is dropped. */
  readonly stdout: string
  readonly stderr: string
}

export interface Runner {
  /**
   * Runs a tool to its end. The tool dies with h2k.
   * @throws ProblemError TOOL_MISSING, TOOL_FAILED (with its last words), TOOL_TIMEOUT; the signal's reason when aborted
   */
  run(command: Command, signal: AbortSignal): Promise<Finished>
}
