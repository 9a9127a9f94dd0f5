import { Args } from '@oclif/core'
import { H2kCommand, type Outcome } from '../../cli/base-command.ts'

export default class StatePull extends H2kCommand {
  static override summary = 'Copy the state to a file, to be pushed elsewhere; says its lineage and serial.'
  static override examples = ['<%= config.bin %> state pull state.db']
  static override args = { file: Args.string({ required: true, description: 'must not exist yet' }) }

  protected async work(): Promise<Outcome> {
    const { args, flags } = await this.parse(StatePull)
    const { resolve } = await import('node:path')
    const { withState } = await import('../../cli/with-state.ts')
    const path = resolve(args.file)
    const { lineage, serial } = await withState(
      this.folder(flags),
      async (state) => {
        await state.backup(path)
        return { lineage: state.lineage, serial: state.serial() }
      },
      'write',
    )
    this.say(`The state is in ${path}: lineage ${lineage}, serial ${serial}.`)
    return { data: { path, lineage, serial } }
  }
}
