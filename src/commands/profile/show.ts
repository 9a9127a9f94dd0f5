import { Args, Flags } from '@oclif/core'
import { H2kCommand, type Outcome } from '../../cli/base-command.ts'

export default class ProfileShow extends H2kCommand {
  static override summary = 'Show what a profile comes to, each value with the file and line that it is from.'
  static override examples = [
    '<%= config.bin %> profile show production',
    '<%= config.bin %> profile show our-standard --os windows',
  ]
  static override args = { name: Args.string({ required: true, description: 'see h2k profile list' }) }
  static override flags = {
    os: Flags.string({
      default: 'unknown',
      helpValue: 'OS',
      description: 'for this system, such as windows or debian',
    }),
  }

  protected async work(): Promise<Outcome> {
    const { args, flags } = await this.parse(ProfileShow)
    const { connect } = await import('../../cli/wiring.ts')
    const { profileLayers, resolvedValues } = await import('../../app/layer-origins.ts')
    const { resolvedText } = await import('../../render/resolved-text.ts')
    const session = connect(this.folder(flags))
    const values = resolvedValues(profileLayers(args.name, flags.os, session), session.files)
    this.say(resolvedText(values))
    return { data: JSON.parse(JSON.stringify({ values })) }
  }
}
