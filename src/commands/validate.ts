import { Flags } from '@oclif/core'
import { H2kCommand, type Outcome } from '../cli/base-command.ts'
import { exitCodeOf } from '../cli/exit-code.ts'
import type { Problem } from '../core/problem.ts'
import type { ProblemFormat } from '../render/problem-formats.ts'

export default class Validate extends H2kCommand {
  static override summary = 'Check every file of the workspace, without network or tools.'
  static override examples = [
    '<%= config.bin %> validate',
    '<%= config.bin %> -C exit-2026 validate --format github',
    '<%= config.bin %> validate --format sarif > h2k.sarif',
  ]
  static override flags = {
    format: Flags.option({
      options: ['text', 'json', 'sarif', 'github'] as const,
      default: 'text' as const,
      description: 'of the problems, on standard output unless text',
    })(),
  }

  protected async work(): Promise<Outcome> {
    const { flags } = await this.parse(Validate)
    const { validateWorkspace } = await import('../cli/connect-workspace.ts')
    const { name, machines, problems } = await validateWorkspace(this.folder(flags))
    const errors = problems.filter(({ severity }) => severity === 'error').length
    if (flags.format === 'text') await this.tell(name, machines, errors, problems)
    else this.say(await formatted(flags.format, problems, this.folder(flags)))
    return { exitCode: errors > 0 ? exitCodeOf(problems) : 0, data: { machines, errors } }
  }

  private async tell(name: string, machines: number, errors: number, problems: readonly Problem[]): Promise<void> {
    const { formatCount } = await import('../core/units.ts')
    this.report(problems)
    this.say(
      errors > 0
        ? `${formatCount(errors, 'error')} in ${name}.`
        : `${name} is valid: ${formatCount(machines, 'machine')}.`,
    )
  }
}

async function formatted(
  format: Exclude<ProblemFormat, 'text'>,
  problems: readonly Problem[],
  folder: string,
): Promise<string> {
  const { problemsGithub, problemsJson, problemsSarif } = await import('../render/problem-formats.ts')
  if (format === 'json') return problemsJson(problems)
  const { inRepository } = await import('../cli/in-repository.ts')
  const placed = problems.map((problem) => inRepository(problem, folder))
  if (format === 'github') return problemsGithub(placed)
  const { version } = await import('../cli/version.ts')
  return problemsSarif(placed, version)
}
