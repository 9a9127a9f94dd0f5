import { Args, Flags } from '@oclif/core'
import { H2kCommand, type Outcome } from '../cli/base-command.ts'

export default class Approve extends H2kCommand {
  static override summary = 'Record that machines may be cut over, for those with cutover.require_approval.'
  static override examples = [
    '<%= config.bin %> approve machine.web01',
    '<%= config.bin %> approve "machine.web-*" --by "Change board" --until 2026-05-02T06:00:00Z',
  ]
  static override strict = false
  static override args = {
    address: Args.string({ required: true, description: 'machine.NAME; several are allowed; * and ? match' }),
  }
  static override flags = {
    by: Flags.string({ helpValue: 'NAME', description: 'whose word it is; whoever runs h2k without it' }),
    until: Flags.string({ helpValue: 'TIME', description: 'with its zone; without it until the machine changes' }),
  }

  protected async work(): Promise<Outcome> {
    const { argv, flags } = await this.parse(Approve)
    const { runApprove } = await import('../cli/run-approve.ts')
    const { by, until } = flags
    const approved = await runApprove(this.folder(flags), argv.map(String), { by, until }, this.stream)
    const { addressOf } = await import('../core/address.ts')
    for (const name of approved) this.say(`${addressOf(name)}: approved`)
    return { data: { approved: [...approved] } }
  }
}
