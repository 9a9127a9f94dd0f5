import { H2kCommand, type Outcome } from '../cli/base-command.ts'

export default class Validate extends H2kCommand {
  static override summary = 'Check every file of the workspace, without network or tools.'
  static override examples = ['<%= config.bin %> validate', '<%= config.bin %> -C exit-2026 validate --json']

  protected async work(): Promise<Outcome> {
    const { flags } = await this.parse(Validate)
    const { connect } = await import('../cli/wiring.ts')
    const { loadWorkspace } = await import('../app/load-workspace.ts')
    const { formatCount } = await import('../core/units.ts')
    const { config, files, cache, version } = connect(this.folder(flags))
    const { machines, problems } = await loadWorkspace(config, files, cache, version)
    await cache.save()
    this.report(problems)
    const errors = problems.filter(({ severity }) => severity === 'error').length
    if (errors > 0) this.say(`${formatCount(errors, 'error')} in ${config.name}.`)
    else this.say(`${config.name} is valid: ${formatCount(machines.length, 'machine')}.`)
    return { exitCode: errors > 0 ? 1 : 0, data: { machines: machines.length, errors } }
  }
}
