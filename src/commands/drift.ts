import { Flags } from '@oclif/core'
import { H2kCommand, type Outcome } from '../cli/base-command.ts'
import { selectionFlags } from '../cli/flags.ts'

export default class Drift extends H2kCommand {
  static override summary = 'Show where sources, disks and domains are no longer what was recorded of them.'
  static override examples = [
    '<%= config.bin %> drift --detailed-exitcode',
    '<%= config.bin %> drift --only machine.web01 --deep',
  ]
  static override flags = {
    ...selectionFlags,
    deep: Flags.boolean({ description: 'read every disk, and every source whose digest is known, and compare' }),
    'detailed-exitcode': Flags.boolean({ description: 'exit 2 when something is out of sync or missing' }),
  }

  protected async work(): Promise<Outcome> {
    const { flags } = await this.parse(Drift)
    const { lookForDrift } = await import('../cli/look-for-drift.ts')
    const { driftText } = await import('../render/drift-text.ts')
    const { countDrift } = await import('../core/drift.ts')
    const { only = [], exclude = [] } = flags
    const machines = await lookForDrift(this.folder(flags), { only, exclude }, flags.deep)
    this.say(driftText(machines, this.color(flags)))
    this.report(machines.flatMap(({ findings }) => findings.flatMap(({ problem }) => problem ?? [])))
    const { OutOfSync, Missing, Unknown } = countDrift(machines)
    const drifted = flags['detailed-exitcode'] && OutOfSync + Missing > 0
    return { exitCode: Unknown > 0 ? 1 : drifted ? 2 : 0, data: JSON.parse(JSON.stringify({ machines })) }
  }
}
