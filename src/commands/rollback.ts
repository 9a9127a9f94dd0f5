import { Args, Flags } from '@oclif/core'
import { H2kCommand, type Outcome } from '../cli/base-command.ts'

export default class Rollback extends H2kCommand {
  static override summary = 'Take a cutover back: the target is turned off, its disks stay.'
  static override examples = [
    '<%= config.bin %> rollback machine.web01',
    '<%= config.bin %> rollback machine.web01 --force --auto-approve',
  ]
  static override strict = false
  static override args = {
    address: Args.string({ required: true, description: 'machine.NAME; several are allowed; * and ? match' }),
  }
  static override flags = {
    'auto-approve': Flags.boolean({ description: 'do not ask' }),
    force: Flags.boolean({
      description: 'switch off what does not shut down in time, and go on where the target or the source is gone',
    }),
  }

  protected async work(): Promise<Outcome> {
    const { argv, flags } = await this.parse(Rollback)
    const { runDeeds } = await import('../cli/run-deeds.ts')
    const { rollBackMachines } = await import('../app/cut-over-machines.ts')
    return await runDeeds(
      { what: 'Rollback', folder: this.folder(flags), autoApprove: flags['auto-approve'], color: this.color(flags) },
      { say: (text) => this.say(text), report: (problems) => this.report(problems), stream: this.stream },
      (session, request, signal) => rollBackMachines(argv.map(String), flags.force, session, request, signal),
    )
  }
}
