import { H2kCommand, type Outcome } from '../cli/base-command.ts'

export default class Status extends H2kCommand {
  static override summary = 'Show what runs now, how far it is, and how the latest run ended.'
  static override examples = ['<%= config.bin %> status', '<%= config.bin %> status --json']

  protected async work(): Promise<Outcome> {
    const { flags } = await this.parse(Status)
    const { withState } = await import('../cli/with-state.ts')
    const { machineRow, statusText } = await import('../render/state-list.ts')
    const { holders, machines, latest } = withState(this.folder(flags), (state) => ({
      holders: state.locks(),
      machines: [...state.machines().values()],
      latest: state.runs(1)[0],
    }))
    this.say(statusText(holders, machines, latest))
    const locks = holders.map((holder) => ({ ...holder }))
    return {
      data: {
        locks,
        latest: latest ? { ...latest } : null,
        machines: machines.map((machine) => ({ ...machineRow(machine) })),
      },
    }
  }
}
