import { Args } from '@oclif/core'
import { H2kCommand, type Outcome } from '../../cli/base-command.ts'

export default class StateShow extends H2kCommand {
  static override summary = 'Show what the state knows of a machine: disks, domain, stages and their evidence.'
  static override examples = ['<%= config.bin %> state show machine.web01', '<%= config.bin %> state show web01 --json']
  static override args = { address: Args.string({ required: true, description: 'machine.NAME' }) }

  protected async work(): Promise<Outcome> {
    const { args, flags } = await this.parse(StateShow)
    const { withState } = await import('../../cli/with-state.ts')
    const { knownMachine } = await import('../../cli/known-machine.ts')
    const { addressOf, parseAddress } = await import('../../core/address.ts')
    const { problem } = await import('../../core/problem.ts')
    const { machineJson, machineText } = await import('../../render/state-text.ts')
    const { machine: name } = parseAddress(args.address)
    const machine = withState(this.folder(flags), (state) => {
      const found = state.machine(knownMachine(name, state))
      if (found) return found
      throw problem('ADDRESS_UNKNOWN', `${addressOf(name)}: nothing is recorded of it yet`, { hint: 'h2k status' })
    })
    this.say(machineText(machine, this.color(flags)))
    return { data: machineJson(machine) }
  }
}
