import { Flags } from '@oclif/core'
import { H2kCommand, type Outcome } from '../../cli/base-command.ts'

export default class StateList extends H2kCommand {
  static override summary = 'List the machines that the state knows.'
  static override examples = ['<%= config.bin %> state list', '<%= config.bin %> state list --forgotten']
  static override flags = { forgotten: Flags.boolean({ description: 'also those that left git' }) }

  protected async work(): Promise<Outcome> {
    const { flags } = await this.parse(StateList)
    const { withState } = await import('../../cli/with-state.ts')
    const { machineRow, machinesText } = await import('../../render/state-list.ts')
    const rows = withState(this.folder(flags), (state) => {
      return [...state.machines({ forgotten: flags.forgotten }).values()].map(machineRow)
    })
    this.say(machinesText(rows))
    return { data: { machines: rows.map((row) => ({ ...row })) } }
  }
}
