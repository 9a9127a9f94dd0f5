import { Args, Flags } from '@oclif/core'
import { H2kCommand, type Outcome } from '../../cli/base-command.ts'

export default class StateHistory extends H2kCommand {
  static override summary = 'List what was done, the newest first: each attempt at each stage, and by which run.'
  static override examples = [
    '<%= config.bin %> state history',
    '<%= config.bin %> state history machine.web01 --limit 20',
  ]
  static override args = { address: Args.string({ required: false, description: 'one machine only' }) }
  static override flags = {
    limit: Flags.integer({ default: 50, min: 1, max: 100_000, helpValue: 'N', description: 'at most N entries' }),
  }

  protected async work(): Promise<Outcome> {
    const { args, flags } = await this.parse(StateHistory)
    const { withState } = await import('../../cli/with-state.ts')
    const { parseAddress } = await import('../../core/address.ts')
    const { historyText } = await import('../../render/state-list.ts')
    const { knownMachine } = await import('../../cli/known-machine.ts')
    const name = args.address === undefined ? undefined : parseAddress(args.address).machine
    const { entries, runs } = withState(this.folder(flags), (state) => {
      const machine = name === undefined ? {} : { machine: knownMachine(name, state) }
      return { entries: state.history({ ...machine, limit: flags.limit }), runs: state.runs(flags.limit) }
    })
    this.say(historyText(entries))
    const told = new Set(entries.map(({ runId }) => runId))
    // A push leaves nothing of any machine.
    const shown = runs.filter(({ id, command }) => told.has(id) || (name === undefined && command.startsWith('state ')))
    for (const { id, command, who, commit, exitCode, startedAt } of shown) {
      this.say(
        `run ${id}: ${command} by ${who}, ${startedAt}, commit ${commit ?? 'none'}, exit ${exitCode ?? 'unknown'}`,
      )
    }
    return { data: { entries: entries.map((entry) => ({ ...entry })), runs: runs.map((run) => ({ ...run })) } }
  }
}
