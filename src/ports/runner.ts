/** A tool that h2k starts, always by argv, never through a shell. */
export interface Command {
  /** A name on PATH, or the absolute path of an executable file. */
  readonly file: string
  readonly args: readonly string[]
  /** The whole environment; without it PATH, HOME and TMPDIR of h2k, and LC_ALL=C. */
  readonly env?: Readonly<Record<string, string>>
  /** The folder to run in; h2k's own without it. */
  readonly cwd?: string
  /** What the tool reads from standard input; nothing without it. */
  readonly input?: string
  /** Ends the tool, and everything it started, after this long. */
  readonly timeoutSeconds?: number
  /** Called with each piece of standard output as it arrives. */
  readonly onOutput?: (text: string) => void
  /** The same for standard error. */
  readonly onErrorOutput?: (text: string) => void
  /** Exit codes besides 0 that are an answer and not a failure. */
  readonly answers?: readonly number[] | 'any'
  /** Opens file descriptor 3 for the tool to report on, apart from all that it prints. */
  readonly reports?: boolean
}

export interface Finished {
  /** With `answers: 'any'` 128 and the signal's number for a tool that was ended by a signal, as shells count. */
  readonly exitCode: number
  /** The last part of each stream, bounded; earlier output is dropped. */
  readonly stdout: string
  readonly stderr: string
  /** What came on file descriptor 3, bounded in the same way. */
  readonly report?: string
}

export interface Runner {
  /**
   * Runs a tool to its end. The tool dies with h2k, and what it leaves running in its process group ends with it.
   * @throws ProblemError TOOL_MISSING, TOOL_FAILED (with its last words), TOOL_TIMEOUT; the signal's reason when aborted
   */
  run(command: Command, signal: AbortSignal): Promise<Finished>
  /**
   * Starts a tool that answers each line of its input with a line on file descriptor 3, and that ends, with all it started,
   * at the end of its input: so it dies with h2k too. An abort ends it at once, as does an answer that takes too long.
   * @throws ProblemError TOOL_MISSING
   */
  converse(command: Omit<Command, 'input' | 'answers' | 'reports'>, signal: AbortSignal): Conversation
}

export interface Conversation {
  /**
   * Sends a line and settles with its answer. Lines may be sent before earlier ones are answered.
   * @throws ProblemError TOOL_FAILED (with its last words) when it ended, TOOL_TIMEOUT; the signal's reason when aborted
   */
  ask(line: string, timeoutSeconds: number): Promise<string>
  /** Ends the input and settles when the tool and all it started are gone. */
  end(): Promise<void>
}
