import { H2kCommand, type Outcome } from '../../cli/base-command.ts'

export default class ProfileList extends H2kCommand {
  static override summary = 'List the profiles: those of the workspace, and the built-in ones.'
  static override examples = ['<%= config.bin %> profile list']

  protected async work(): Promise<Outcome> {
    const { flags } = await this.parse(ProfileList)
    const { connect } = await import('../../cli/wiring.ts')
    const { profileNames } = await import('../../app/layer-origins.ts')
    const names = profileNames(connect(this.folder(flags))).toSorted()
    this.say(names.join('\n'))
    return { data: { profiles: [...names] } }
  }
}
