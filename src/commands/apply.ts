import { Args, Flags } from '@oclif/core'
import { H2kCommand, type Outcome } from '../cli/base-command.ts'
import { planFlags, planOptions } from '../cli/flags.ts'

export default class Apply extends H2kCommand {
  static override summary = 'Run the plan: copy, check and publish machines. Run it again to resume.'
  static override examples = [
    '<%= config.bin %> apply',
    '<%= config.bin %> apply --auto-approve --only machine.web01',
    '<%= config.bin %> apply review.h2kplan',
  ]
  static override args = { file: Args.string({ required: false, description: 'a saved plan; without it, a new one' }) }
  static override flags = {
    ...planFlags,
    'auto-approve': Flags.boolean({ description: 'do not ask' }),
    'all-or-nothing': Flags.boolean({ description: 'with a saved plan: one stale machine stops all' }),
    'metrics-file': Flags.string({
      helpValue: 'FILE',
      description: 'keep metrics of the run in this file, such as for node_exporter: OpenMetrics text',
    }),
    parallel: Flags.integer({ min: 1, max: 10_000, helpValue: 'N', description: 'at most N stages at the same time' }),
  }

  protected async work(): Promise<Outcome> {
    const { args, flags } = await this.parse(Apply)
    const { runApply } = await import('../cli/run-apply.ts')
    return await runApply(
      {
        folder: this.folder(flags),
        file: args.file,
        options: planOptions(flags),
        autoApprove: flags['auto-approve'],
        allOrNothing: flags['all-or-nothing'],
        parallel: flags.parallel,
        color: this.color(flags),
        metrics: flags['metrics-file'],
      },
      { say: (text) => this.say(text), report: (problems) => this.report(problems), stream: this.stream },
    )
  }
}
