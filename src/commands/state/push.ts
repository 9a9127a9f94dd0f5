import { Args, Flags } from '@oclif/core'
import { H2kCommand, type Outcome } from '../../cli/base-command.ts'

export default class StatePush extends H2kCommand {
  static override summary = 'Put a state that was pulled or backed up in place of this one.'
  static override examples = ['<%= config.bin %> state push state.db']
  static override args = { file: Args.string({ required: true, description: 'of h2k state pull or backup' }) }
  static override flags = {
    force: Flags.boolean({ description: 'also one of another lineage, and one with a lower serial' }),
  }

  protected async work(): Promise<Outcome> {
    const { args, flags } = await this.parse(StatePush)
    const { resolve } = await import('node:path')
    const { pushState } = await import('../../cli/push-state.ts')
    const { lineage, serial, machines, backup } = await pushState(this.folder(flags), resolve(args.file), flags.force)
    this.say(`The state is that of ${args.file} now: lineage ${lineage}, serial ${serial}, machines ${machines}.`)
    if (backup !== undefined) this.say(`The state before is in ${backup}.`)
    return { data: { lineage, serial, machines, backup: backup ?? null } }
  }
}
