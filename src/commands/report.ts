import { Flags } from '@oclif/core'
import { H2kCommand, type Outcome } from '../cli/base-command.ts'
import { reportFormats } from '../render/report/formats.ts'

export default class Report extends H2kCommand {
  static override summary = 'Tell how a run went: what was foreseen and what came, failures, evidence.'
  static override examples = [
    '<%= config.bin %> report',
    '<%= config.bin %> report --format html --out report.html',
    '<%= config.bin %> report --run 01964e6c-… --format markdown',
  ]
  static override flags = {
    run: Flags.string({
      helpValue: 'ID',
      description: 'which run; the latest without it. h2k state history shows them',
    }),
    format: Flags.option({
      options: reportFormats,
      default: 'text',
      description: 'html is one file that needs nothing else',
    })(),
    out: Flags.string({ helpValue: 'FILE', description: 'write it to a file instead; one of that name is replaced' }),
  }

  protected async work(): Promise<Outcome> {
    const { flags } = await this.parse(Report)
    const { makeReport } = await import('../cli/make-report.ts')
    const { report, text } = await makeReport(
      this.folder(flags),
      flags.run,
      flags.format,
      this.color(flags) && !flags.out,
    )
    if (flags.out === undefined) this.say(text.replace(/\n$/, ''))
    else {
      const { resolve } = await import('node:path')
      const { writeText } = await import('../cli/user-files.ts')
      await writeText(resolve(flags.out), text)
      this.say(`The report of run ${report.run.id} is in ${flags.out}.`)
    }
    return { data: JSON.parse(JSON.stringify(report)) }
  }
}
