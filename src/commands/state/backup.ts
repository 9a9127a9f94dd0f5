import { Args } from '@oclif/core'
import { H2kCommand, type Outcome } from '../../cli/base-command.ts'

export default class StateBackup extends H2kCommand {
  static override summary = 'Copy the state to a file, whole and consistent, also while an apply runs.'
  static override examples = ['<%= config.bin %> state backup /backup/h2k-state.db']
  static override args = { file: Args.string({ required: true, description: 'must not exist yet' }) }

  protected async work(): Promise<Outcome> {
    const { args, flags } = await this.parse(StateBackup)
    const { resolve } = await import('node:path')
    const { withState } = await import('../../cli/with-state.ts')
    const path = resolve(args.file)
    await withState(this.folder(flags), (state) => state.backup(path), 'write')
    this.say(`The state is copied to ${path}.`)
    return { data: { path } }
  }
}
