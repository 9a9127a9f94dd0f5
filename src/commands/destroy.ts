import { Args, Flags } from '@oclif/core'
import { H2kCommand, type Outcome } from '../cli/base-command.ts'
import { planOptions } from '../cli/flags.ts'

export default class Destroy extends H2kCommand {
  static override summary = 'Remove what h2k made for machines, and nothing else; their sources stay.'
  static override examples = [
    '<%= config.bin %> destroy machine.web01',
    '<%= config.bin %> destroy machine.web01 "machine.old-*" --auto-approve',
  ]
  static override strict = false
  static override args = {
    address: Args.string({ required: true, description: 'machine.NAME; several are allowed; * and ? match' }),
  }
  static override flags = { 'auto-approve': Flags.boolean({ description: 'do not ask' }) }

  protected async work(): Promise<Outcome> {
    const { argv, flags } = await this.parse(Destroy)
    const { runApply } = await import('../cli/run-apply.ts')
    return await runApply(
      {
        folder: this.folder(flags),
        file: undefined,
        options: { ...planOptions({}), destroy: argv.map(String) },
        autoApprove: flags['auto-approve'],
        allOrNothing: false,
        parallel: undefined,
        color: this.color(flags),
      },
      { say: (text) => this.say(text), report: (problems) => this.report(problems), stream: this.stream },
    )
  }
}
