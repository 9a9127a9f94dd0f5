import { Flags } from '@oclif/core'
import { H2kCommand, type Outcome } from '../cli/base-command.ts'
import { exitCodes } from '../cli/exit-code.ts'
import { driftFlags, isDocument, selectionFlags } from '../cli/flags.ts'
import type { MachineDrift } from '../core/drift.ts'

export default class Drift extends H2kCommand {
  static override summary = 'Show where sources, disks and domains are no longer what was recorded of them.'
  static override examples = [
    '<%= config.bin %> drift --detailed-exitcode',
    '<%= config.bin %> drift --only machine.web01 --deep',
    '<%= config.bin %> drift --format markdown --body drift.md',
    '<%= config.bin %> drift --fix repair.h2kplan && <%= config.bin %> apply repair.h2kplan',
  ]
  static override flags = {
    ...selectionFlags,
    ...driftFlags,
    deep: Flags.boolean({ description: 'read every disk, and every source whose digest is known, and compare' }),
    fix: Flags.string({ helpValue: 'FILE', description: 'save a plan that repairs what drifted, for h2k apply FILE' }),
    'detailed-exitcode': Flags.boolean({ description: 'exit 2 when something is out of sync or missing' }),
  }

  protected async work(): Promise<Outcome> {
    const { flags } = await this.parse(Drift)
    this.document = isDocument(flags)
    const { lookForDrift } = await import('../cli/look-for-drift.ts')
    const { countDrift } = await import('../core/drift.ts')
    const { driftText } = await import('../render/drift-text.ts')
    const { only = [], exclude = [] } = flags
    const { workspace, machines, problems } = await lookForDrift(this.folder(flags), { only, exclude }, flags.deep)
    if (this.stream) (await import('../cli/drift-events.ts')).emitDrift(machines, this.stream.emit)
    const document = await documentOf(workspace, machines, flags)
    await this.sayReview(document, driftText(machines, this.color(flags)), flags.body)
    this.report([...machines.flatMap(({ findings }) => findings.flatMap(({ problem }) => problem ?? [])), ...problems])
    const repair = flags.fix === undefined ? 0 : await this.fix(machines, flags.fix, flags)
    // What git leaves as it is keeps nobody from going on.
    const { OutOfSync, Missing } = countDrift(machines.filter(({ suspended }) => suspended === undefined))
    const drifted = flags['detailed-exitcode'] && OutOfSync + Missing > 0
    const unknown = countDrift(machines).Unknown > 0
    return { exitCode: repair || (unknown ? 1 : drifted ? 2 : 0), data: JSON.parse(JSON.stringify({ machines })) }
  }

  /** Saves the plan; settles with the exit code that it comes to, 0 for a plan that can be applied. */
  private async fix(
    machines: readonly MachineDrift[],
    file: string,
    flags: { readonly chdir: string; readonly color: boolean },
  ): Promise<number> {
    const { planRepair } = await import('../cli/look-for-drift.ts')
    const repair = await planRepair(this.folder(flags), machines)
    if (!repair) {
      this.say('\nNo plan was saved: there is nothing that an apply would repair.')
      return 0
    }
    const { savePlanFile } = await import('../cli/plan-file.ts')
    const { planText } = await import('../render/plan-text.ts')
    const { denies } = await import('../core/policy/policy.ts')
    const { signature } = await savePlanFile(repair, file)
    this.say(`\n${planText(repair, this.color(flags))}\n`)
    this.say(`Saved the plan to ${file}${signature ? ', signed' : ''}. To repair this: h2k apply ${file}`)
    if (repair.machines.some(({ action }) => action === 'blocked')) return 1
    return (repair.policy ?? []).some(denies) ? exitCodes.denied : 0
  }
}

/** What was found in the format that was asked for; undefined for the plain text. */
async function documentOf(
  workspace: string,
  machines: readonly MachineDrift[],
  { format = 'text', 'max-bytes': maxBytes }: DriftFlags,
): Promise<string | undefined> {
  switch (format) {
    case 'text':
      return undefined
    case 'json':
      return `${JSON.stringify({ machines }, null, 2)}\n`
    case 'markdown': {
      const { driftMarkdown } = await import('../render/drift-markdown.ts')
      const { defaultBytes } = await import('../cli/review.ts')
      return driftMarkdown(workspace, machines, maxBytes ?? defaultBytes)
    }
  }
}

interface DriftFlags {
  readonly format?: 'text' | 'json' | 'markdown' | undefined
  readonly 'max-bytes'?: number | undefined
}
