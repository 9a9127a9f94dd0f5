import { Flags } from '@oclif/core'
import { H2kCommand, type Outcome } from '../cli/base-command.ts'
import { selectionFlags } from '../cli/flags.ts'
import type { MachineDrift } from '../core/drift.ts'

export default class Drift extends H2kCommand {
  static override summary = 'Show where sources, disks and domains are no longer what was recorded of them.'
  static override examples = [
    '<%= config.bin %> drift --detailed-exitcode',
    '<%= config.bin %> drift --only machine.web01 --deep',
    '<%= config.bin %> drift --format markdown > drift.md',
    '<%= config.bin %> drift --fix repair.h2kplan && <%= config.bin %> apply repair.h2kplan',
  ]
  static override flags = {
    ...selectionFlags,
    deep: Flags.boolean({ description: 'read every disk, and every source whose digest is known, and compare' }),
    format: Flags.option({
      options: ['text', 'json', 'markdown'] as const,
      default: 'text' as const,
      description: 'of what is found',
    })(),
    fix: Flags.string({ helpValue: 'FILE', description: 'save a plan that repairs what drifted, for h2k apply FILE' }),
    'detailed-exitcode': Flags.boolean({ description: 'exit 2 when something is out of sync or missing' }),
  }

  protected async work(): Promise<Outcome> {
    const { flags } = await this.parse(Drift)
    const { lookForDrift } = await import('../cli/look-for-drift.ts')
    const { countDrift } = await import('../core/drift.ts')
    const { only = [], exclude = [], format } = flags
    const machines = await lookForDrift(this.folder(flags), { only, exclude }, flags.deep)
    this.say(await formatted(machines, format, this.color(flags)))
    this.report(machines.flatMap(({ findings }) => findings.flatMap(({ problem }) => problem ?? [])))
    const repair = flags.fix === undefined ? 0 : await this.fix(this.folder(flags), machines, flags.fix, flags)
    // What git leaves as it is keeps nobody from going on.
    const { OutOfSync, Missing } = countDrift(machines.filter(({ suspended }) => suspended === undefined))
    const drifted = flags['detailed-exitcode'] && OutOfSync + Missing > 0
    const unknown = countDrift(machines).Unknown > 0
    return { exitCode: repair || (unknown ? 1 : drifted ? 2 : 0), data: JSON.parse(JSON.stringify({ machines })) }
  }

  /** Saves the plan; settles with the exit code that it comes to, 0 for a plan that can be applied. */
  private async fix(
    folder: string,
    machines: readonly MachineDrift[],
    file: string,
    flags: { readonly format: string; readonly color: boolean },
  ): Promise<number> {
    const { planRepair } = await import('../cli/look-for-drift.ts')
    const repair = await planRepair(folder, machines)
    // On standard output there is one thing in a format for programs.
    const tell = (text: string) => (flags.format === 'text' ? this.say(text) : undefined)
    if (!repair) {
      tell('\nNo plan was saved: there is nothing that an apply would repair.')
      return 0
    }
    const { savePlanFile } = await import('../cli/plan-file.ts')
    const { planText } = await import('../render/plan-text.ts')
    const { denies } = await import('../core/policy/policy.ts')
    const { signature } = await savePlanFile(repair, file)
    tell(`\n${planText(repair, this.color(flags))}\n`)
    tell(`Saved the plan to ${file}${signature ? ', signed' : ''}. To repair this: h2k apply ${file}`)
    if (repair.machines.some(({ action }) => action === 'blocked')) return 1
    return (repair.policy ?? []).some(denies) ? 6 : 0
  }
}

async function formatted(
  machines: readonly MachineDrift[],
  format: 'text' | 'json' | 'markdown',
  color: boolean,
): Promise<string> {
  switch (format) {
    case 'text':
      return (await import('../render/drift-text.ts')).driftText(machines, color)
    case 'markdown':
      return (await import('../render/drift-markdown.ts')).driftMarkdown(machines)
    case 'json':
      return JSON.stringify({ machines }, null, 2)
  }
}
