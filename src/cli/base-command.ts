import { resolve } from 'node:path'
import { Command, Errors, Flags } from '@oclif/core'
import type { Json } from '../core/json.ts'
import type { Plan } from '../core/plan.ts'
import { bugOf, type Problem, problemsOf } from '../core/problem.ts'
import { problemText } from '../render/problem-text.ts'
import type { EventStream } from './event-stream.ts'
import { exitCodeOf, exitCodes } from './exit-code.ts'
import type { ReviewFlags } from './flags.ts'
import type { Reviewed } from './review.ts'

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
  /** Standard output holds a document for a program: what is said goes to stderr. */
  protected document = false

  /** The command itself. */
  protected abstract work(): Promise<Outcome>

  async run(): Promise<void> {
    if (this.argv.includes('--json')) this.stream = (await import('./open-stream.ts')).openStream()
    const { exitCode = exitCodes.done, data } = await this.work()
    this.end(exitCode, data)
  }

  /** Prints text for people; with `--json` nothing. */
  protected say(text: string): void {
    if (!this.stream) (this.document ? process.stderr : process.stdout).write(`${text}\n`)
  }

  /** Prints a plan as the review flags say: as text, as a document, or as text beside a document in a file. */
  protected async sayPlan(
    plan: Plan,
    flags: ReviewFlags & { readonly color: boolean },
    reviewed: Reviewed,
  ): Promise<void> {
    const { reviewOf } = await import('./review.ts')
    const { planText } = await import('../render/plan-text.ts')
    await this.sayReview(await reviewOf(plan, flags, reviewed), planText(plan, this.color(flags)), flags.body)
  }

  /** Prints a document, or the text, beside which the document goes to the file `body`. */
  protected async sayReview(document: string | undefined, text: string, body: string | undefined): Promise<void> {
    if (document !== undefined && this.document) {
      process.stdout.write(document)
      return
    }
    this.say(text)
    if (body === undefined) return
    const { writeText } = await import('./user-files.ts')
    await writeText(body, document ?? `${text}\n`)
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
    // Else oclif warns of flags that it could not parse, where NODE_ENV is not production.
    this.parsed = true
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
    if (error instanceof Errors.CLIError) {
      const { usageProblem } = await import('./usage-problem.ts')
      this.report([usageProblem(error, this.id ?? '', { ...this.ctor.baseFlags, ...this.ctor.flags })])
      this.end(exitCodes.error)
      return
    }
    this.report([bugOf(error)])
    if (process.env.H2K_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`)
    this.end(exitCodes.error)
  }

  private end(exitCode: number, data?: Json): void {
    this.stream?.result(exitCode, data)
    process.exitCode = exitCode
  }
}
