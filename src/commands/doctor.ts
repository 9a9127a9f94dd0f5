import { H2kCommand, type Outcome } from '../cli/base-command.ts'

export default class Doctor extends H2kCommand {
  static override summary = 'Say which tools are there, what each missing one costs, and how to install it.'
  static override examples = ['<%= config.bin %> doctor']

  protected async work(): Promise<Outcome> {
    await this.parse(Doctor)
    const { examine } = await import('../cli/examine.ts')
    const findings = await examine()
    for (const { name, found, costs, install, needed } of findings) {
      if (found !== undefined) this.say(`ok       ${name} ${found}`)
      else this.say(`${needed ? 'MISSING' : 'missing'}  ${name}: ${costs}\n         -> ${install}`)
    }
    const missing = findings.filter(({ found, needed }) => needed && found === undefined)
    return { exitCode: missing.length > 0 ? 1 : 0, data: { tools: findings.map((finding) => ({ ...finding })) } }
  }
}
