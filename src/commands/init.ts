import { Args } from '@oclif/core'
import { H2kCommand, type Outcome } from '../cli/base-command.ts'

export default class Init extends H2kCommand {
  static override summary = 'Make a workspace that validates, with a commented h2k.yaml.'
  static override examples = ['<%= config.bin %> init', '<%= config.bin %> init datacenter-exit']
  static override args = { folder: Args.string({ default: '.', description: 'made when it is not there' }) }

  protected async work(): Promise<Outcome> {
    const { args, flags } = await this.parse(Init)
    const { resolve } = await import('node:path')
    const { initWorkspace } = await import('../cli/init-workspace.ts')
    const written = await initWorkspace(resolve(this.folder(flags), args.folder))
    for (const file of written) this.say(`wrote ${file}`)
    this.say('Next: h2k import FILE.ova writes a manifest, h2k plan shows what would happen.')
    return { data: { written } }
  }
}
