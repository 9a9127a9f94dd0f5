import { resolve } from 'node:path'
import { Command, Errors, Flags } from '@oclif/core'
import type { Json } from '../core/json.ts'
import { type Problem, problemsOf } from '../core/problem.ts'
import { problemText } from '../render/problem-text.ts'
import type { EventStream } from './event-stream.ts'
import { exitCodeOf, exitCodes } from './exit-code.ts'

/** What a command leaves behind: its exit code, and what `--json` prints last. */
export interface Outcome {
  readonly exitCode?: number
  readonly data?: Json
}

/** What every command of h2k has in common: the workspace's folder, JSON, and how it ends. */
export abstract class H2kCommand extends Command {
  static override baseFlags = {
    chdir: Flags.string({ char: 'C', helpValue: 'DIR', description: 'the workspace’s folder', default: '.' }),
    json: Flags.boolean({ description: 'print newline-delimited JSON only' }),
    color: Flags.boolean({ allowNo: true, default: true, description: 'colours on a terminal' }),
  }

  protected stream: EventStream | undefined

  /** The command itself. */
  protected abstract work(): Promise<Outcome>

  async run(): Promise<void> {
    if (this.argv.includes('--json')) await this.openStream()
    const { exitCode = exitCodes.done, data } = await this.work()
    this.end(exitCode, data)
  }

  /** Prints text for people; with `--json` nothing. */
  protected say(text: string): void {
    if (!this.stream) process.stdout.write(`${text}\n`)
  }

  /** Prints problems: on stderr, or as events. */
  protected report(problems: readonly Problem[]): void {
    for (const problem of problems) {
      if (this.stream) this.stream.emit({ type: 'diagnostic', problem })
      else process.stderr.write(`${problemText(problem)}\n`)
    }
  }

  /** Whether to paint: a terminal that was not told otherwise (https://no-color.org). */
  protected color(flags: { readonly color: boolean }): boolean {
    return flags.color && process.stdout.isTTY === true && !process.env.NO_COLOR
  }

  protected folder(flags: { readonly chdir: string }): string {
    return resolve(flags.chdir)
  }

  protected override async catch(error: unknown): Promise<void> {
    const problems = problemsOf(error)
    if (problems) {
      this.report(problems)
      this.end(exitCodeOf(problems))
      return
    }
    if (error instanceof Errors.ExitError) {
      process.exitCode = error.oclif.exit ?? exitCodes.error
      return
    }
    const usage = error instanceof Errors.CLIError
    const summary = error instanceof Error ? error.message.split('\n').join(' · ') : String(error)
    this.report([
      usage
        ? { severity: 'error', code: 'USAGE', summary, hint: `h2k ${this.id?.replaceAll(':', ' ')} --help` }
        : { severity: 'error', code: 'BUG', summary, hint: 'this is a bug in h2k: H2K_DEBUG=1 shows where' },
    ])
    if (!usage && process.env.H2K_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`)
    this.end(exitCodes.error)
  }

  private async openStream(): Promise<void> {
    const [{ eventStream }, { connectTools }, { version }] = await Promise.all([
      import('./event-stream.ts'),
      import('./wiring.ts'),
      import('./version.ts'),
    ])
    const { clock } = connectTools()
    this.stream = eventStream((line) => process.stdout.write(line), clock, version, clock.newId())
  }

  private end(exitCode: number, data?: Json): void {
    this.stream?.result(exitCode, data)
    process.exitCode = exitCode
  }
}
