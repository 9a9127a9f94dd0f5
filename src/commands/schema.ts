import { Args } from '@oclif/core'
import { H2kCommand, type Outcome } from '../cli/base-command.ts'
import { schemaNames } from '../core/language/schema-names.ts'

export default class Schema extends H2kCommand {
  static override summary = 'Print a JSON Schema, for editors and for checks of your own.'
  static override examples = ['<%= config.bin %> schema manifest > manifest.schema.json']
  static override args = {
    name: Args.string({
      required: true,
      options: schemaNames,
      description: 'which one',
    }),
  }

  protected async work(): Promise<Outcome> {
    const { args } = await this.parse(Schema)
    const { readFile } = await import('node:fs/promises')
    const { join } = await import('node:path')
    const { packageRoot } = await import('../cli/package-root.ts')
    const text = await readFile(join(packageRoot, 'schemas', `${args.name}.json`), 'utf8')
    this.say(text.trimEnd())
    return { data: JSON.parse(text) }
  }
}
