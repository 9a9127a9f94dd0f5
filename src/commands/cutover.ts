import { Args, Flags } from '@oclif/core'
import { H2kCommand, type Outcome } from '../cli/base-command.ts'

export default class Cutover extends H2kCommand {
  static override summary =
    'Start machines on their target in place of their sources, once all of them is done and nothing has drifted.'
  static override examples = [
    '<%= config.bin %> cutover machine.web01',
    '<%= config.bin %> cutover "machine.web-*" --auto-approve',
  ]
  static override strict = false
  static override args = {
    address: Args.string({ required: true, description: 'machine.NAME; several are allowed; * and ? match' }),
  }
  static override flags = {
    'auto-approve': Flags.boolean({ description: 'do not ask' }),
  }

  protected async work(): Promise<Outcome> {
    const { argv, flags } = await this.parse(Cutover)
    const { runDeeds } = await import('../cli/run-deeds.ts')
    const { cutOverMachines } = await import('../app/cut-over-machines.ts')
    return await runDeeds(
      { what: 'Cutover', folder: this.folder(flags), autoApprove: flags['auto-approve'], color: this.color(flags) },
      { say: (text) => this.say(text), report: (problems) => this.report(problems), stream: this.stream },
      (session, request, signal) => cutOverMachines(argv.map(String), session, request, signal),
    )
  }
}
