import { Args } from '@oclif/core'
import { H2kCommand, type Outcome } from '../../cli/base-command.ts'

export default class StateMv extends H2kCommand {
  static override summary = 'Give a machine of the state the name that it has in git now; nothing is copied again.'
  static override examples = [
    'git mv manifests/web01.yaml manifests/shop01.yaml && <%= config.bin %> state mv machine.web01 machine.shop01',
  ]
  static override args = {
    from: Args.string({ required: true, description: 'machine.OLD' }),
    to: Args.string({ required: true, description: 'machine.NEW' }),
  }

  protected async work(): Promise<Outcome> {
    const { args, flags } = await this.parse(StateMv)
    const { renameMachine } = await import('../../app/change-state.ts')
    const { changeState } = await import('../../cli/change-state.ts')
    const { knownMachine } = await import('../../cli/known-machine.ts')
    const { copiesAgain } = await import('../../cli/copies-again.ts')
    const { addressOf, parseAddress } = await import('../../core/address.ts')
    const { problem } = await import('../../core/problem.ts')
    const { renamedText } = await import('../../render/state-change-text.ts')
    const folder = this.folder(flags)
    const to = parseAddress(args.to).machine
    const { from, change } = await changeState(folder, 'write', async (state, session, signal) => {
      const from = knownMachine(parseAddress(args.from).machine, state)
      const record = state.machine(from)
      if (!record)
        throw problem('ADDRESS_UNKNOWN', `${addressOf(from)}: nothing is recorded of it yet`, { hint: 'h2k status' })
      return { from, change: await renameMachine(record, to, state, session, signal) }
    })
    const next = await copiesAgain(folder, to)
    this.say(renamedText(from, to, change, next))
    return {
      data: { from: addressOf(from), to: addressOf(to), stays: [...change.stays], backup: change.backup, next },
    }
  }
}
