import { Flags } from '@oclif/core'
import { H2kCommand, type Outcome } from '../cli/base-command.ts'
import type { Status as Standing } from '../cli/watch-status.ts'

export default class Status extends H2kCommand {
  static override summary = 'Show what runs now, how far it is, and how the latest run ended.'
  static override examples = [
    '<%= config.bin %> status',
    '<%= config.bin %> status --watch',
    '<%= config.bin %> status --json',
  ]
  static override flags = {
    watch: Flags.boolean({ description: 'look again until nothing runs any more' }),
    interval: Flags.integer({ default: 2, min: 1, max: 3600, helpValue: 'SECONDS', description: 'how often' }),
  }

  protected async work(): Promise<Outcome> {
    const { flags } = await this.parse(Status)
    const { readStatus, watchStatus } = await import('../cli/watch-status.ts')
    const { machineRow, statusText } = await import('../render/state-list.ts')
    const folder = this.folder(flags)
    let last: Standing | undefined
    let shown = ''
    const show = (status: Standing) => {
      last = status
      const text = statusText(status.holders, status.machines, status.latest, status.approvals)
      // On a terminal in place of what was there; elsewhere only what is new.
      if (process.stdout.isTTY && shown !== '') this.say(`\u001b[H\u001b[2J${text}`)
      else if (text !== shown) this.say(shown === '' ? text : `\n${text}`)
      shown = text
    }
    const exitCode = flags.watch ? await watchStatus(folder, flags.interval, show) : show(await readStatus(folder))
    const { holders, machines, latest, approvals } = last ?? (await readStatus(folder))
    return {
      exitCode: exitCode ?? 0,
      data: {
        locks: holders.map((holder) => ({ ...holder })),
        latest: latest ? { ...latest } : null,
        machines: machines.map((machine) => {
          const approval = approvals.get(machine.name)
          return { ...machineRow(machine), ...(approval ? { approval: { ...approval } } : {}) }
        }),
      },
    }
  }
}
