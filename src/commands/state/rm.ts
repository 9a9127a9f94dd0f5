import { Args } from '@oclif/core'
import { H2kCommand, type Outcome } from '../../cli/base-command.ts'

export default class StateRm extends H2kCommand {
  static override summary = 'Take machines out of the state. What h2k made for them stays, and is no longer its own.'
  static override examples = ['<%= config.bin %> state rm machine.web01']
  static override strict = false
  static override args = { address: Args.string({ required: true, description: 'machine.NAME …' }) }

  protected async work(): Promise<Outcome> {
    const { argv, flags } = await this.parse(StateRm)
    const { removeMachines } = await import('../../app/change-state.ts')
    const { changeState } = await import('../../cli/change-state.ts')
    const { knownMachine } = await import('../../cli/known-machine.ts')
    const { addressOf, parseAddress } = await import('../../core/address.ts')
    const { removedText } = await import('../../render/state-change-text.ts')
    const { names, change } = await changeState(this.folder(flags), 'write', async (state, session, signal) => {
      const names = [...new Set(argv.map((address) => knownMachine(parseAddress(String(address)).machine, state)))]
      return { names, change: await removeMachines(names, state, session, signal) }
    })
    this.say(removedText(names, change))
    const { stays, sourcesOff, backup } = change
    const removed = names.map((name) => addressOf(name))
    return {
      data: { removed, stays: [...stays], sources_off: sourcesOff.map(({ uri, name }) => ({ uri, name })), backup },
    }
  }
}
