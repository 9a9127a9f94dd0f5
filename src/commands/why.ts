import { Args } from '@oclif/core'
import { H2kCommand, type Outcome } from '../cli/base-command.ts'

export default class Why extends H2kCommand {
  static override summary = 'Say why a machine or a stage would run, is skipped, or is blocked.'
  static override examples = ['<%= config.bin %> why machine.web01', '<%= config.bin %> why machine.web01/convert']
  static override args = { address: Args.string({ required: true, description: 'machine.NAME or machine.NAME/STAGE' }) }

  protected async work(): Promise<Outcome> {
    const { args, flags } = await this.parse(Why)
    const { explain } = await import('../cli/explain.ts')
    const { text, data } = await explain(this.folder(flags), args.address)
    this.say(text)
    return { data }
  }
}
