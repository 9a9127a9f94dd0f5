import { Args, Flags } from '@oclif/core'
import { H2kCommand, type Outcome } from '../../cli/base-command.ts'

export default class StateImport extends H2kCommand {
  static override summary =
    'Record machines of git that are there already as if h2k had applied them; nothing is copied.'
  static override description =
    'Without --adopt it only looks, and says what would become h2k’s own and what the next apply would change.'
  static override examples = [
    '<%= config.bin %> state import machine.web01',
    '<%= config.bin %> state import "machine.*" --adopt',
  ]
  static override strict = false
  static override args = { address: Args.string({ required: true, description: 'machine.NAME …; * and ? match' }) }
  static override flags = {
    adopt: Flags.boolean({
      default: false,
      description: 'take over what is there: h2k may replace it, and h2k destroy removes it',
    }),
    'made-as': Flags.string({ helpValue: 'NAME', description: 'the name that its folder, domain and volumes go by' }),
    'cut-over': Flags.boolean({ default: false, description: 'it took the place of its source already' }),
  }

  protected async work(): Promise<Outcome> {
    const { argv, flags } = await this.parse(StateImport)
    const { importState } = await import('../../cli/import-state.ts')
    const { addressOf } = await import('../../core/address.ts')
    const { importedText } = await import('../../render/imported-text.ts')
    const { adopt, 'made-as': madeAs, 'cut-over': cutOver } = flags
    const { machines, problems, backup, exitCode } = await importState(this.folder(flags), {
      addresses: argv.map(String),
      adopt,
      cutOver,
      ...(madeAs === undefined ? {} : { madeAs }),
    })
    const text = importedText(machines, adopt, backup)
    if (text !== '') this.say(text)
    this.report(problems)
    return {
      data: {
        imported: adopt,
        machines: machines.map(({ name, own, differences, doubts }) => {
          return { address: addressOf(name), own: [...own], differences: [...differences], doubts: [...doubts] }
        }),
        backup: backup ?? null,
      },
      exitCode,
    }
  }
}
