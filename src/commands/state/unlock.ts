import { Args } from '@oclif/core'
import { H2kCommand, type Outcome } from '../../cli/base-command.ts'

export default class StateUnlock extends H2kCommand {
  static override summary = 'Take the lock away from an apply that will never end; its late writes are refused.'
  static override examples = ['<%= config.bin %> state unlock', '<%= config.bin %> state unlock machine.web01']
  static override args = { address: Args.string({ required: false, description: 'one machine only' }) }

  protected async work(): Promise<Outcome> {
    const { args, flags } = await this.parse(StateUnlock)
    const { withState } = await import('../../cli/with-state.ts')
    const { addressOf, parseAddress } = await import('../../core/address.ts')
    const { knownMachine } = await import('../../cli/known-machine.ts')
    const name = args.address === undefined ? undefined : parseAddress(args.address).machine
    const holders = withState(
      this.folder(flags),
      (state) => state.unlock(name === undefined ? undefined : [knownMachine(name, state)]),
      'write',
    )
    for (const { machine, who, host, pid, since } of holders) {
      this.say(`${addressOf(machine)} was held by ${who}, pid ${pid} on ${host}, since ${since}`)
    }
    if (holders.length === 0) this.say('Nothing was locked.')
    return { data: { unlocked: holders.map((holder) => ({ ...holder })) } }
  }
}
