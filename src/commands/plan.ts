import { Flags } from '@oclif/core'
import { H2kCommand, type Outcome } from '../cli/base-command.ts'
import { exitCodeOf } from '../cli/exit-code.ts'
import { planFlags, planOptions } from '../cli/flags.ts'

export default class Plan extends H2kCommand {
  static override summary = 'Show what apply would do, without doing it.'
  static override examples = [
    '<%= config.bin %> plan',
    '<%= config.bin %> plan --only "machine.web-*" --detailed-exitcode',
    '<%= config.bin %> plan --explain machine.web01',
    '<%= config.bin %> plan --out review.h2kplan && <%= config.bin %> apply review.h2kplan',
  ]
  static override flags = {
    ...planFlags,
    out: Flags.string({ helpValue: 'FILE', description: 'save the plan for h2k apply FILE' }),
    explain: Flags.string({ helpValue: 'ADDRESS', description: 'print where each value of this machine is from' }),
    'detailed-exitcode': Flags.boolean({ description: 'exit 2 when there is something to do' }),
  }

  protected async work(): Promise<Outcome> {
    const { flags } = await this.parse(Plan)
    const { judgedWorkspace } = await import('../cli/plan-workspace.ts')
    if (flags.explain !== undefined) return await this.explain(this.folder(flags), flags.explain)
    const { plan, problems } = await judgedWorkspace(this.folder(flags), planOptions(flags))
    const { planText } = await import('../render/plan-text.ts')
    const { planJson } = await import('../render/plan-json.ts')
    const { isPending } = await import('../core/plan.ts')
    this.say(planText(plan, this.color(flags)))
    if (this.stream) (await import('../cli/planned-changes.ts')).emitPlan(plan, this.stream.emit)
    // What is about a machine, and what the policy says, stands in the plan.
    this.report(problems.filter(({ address, code }) => address === undefined && !code.startsWith('POLICY_')))
    if (flags.out) await this.save(plan, flags.out)
    const errors = problems.filter(({ severity }) => severity === 'error')
    const changed = flags['detailed-exitcode'] && isPending(plan)
    return { exitCode: errors.length > 0 ? exitCodeOf(errors) : changed ? 2 : 0, data: planJson(plan) }
  }

  private async explain(folder: string, address: string): Promise<Outcome> {
    const { explainValues } = await import('../cli/explain-values.ts')
    const { resolvedText } = await import('../render/resolved-text.ts')
    const values = await explainValues(folder, address)
    this.say(resolvedText(values))
    return { data: JSON.parse(JSON.stringify({ values })) }
  }

  private async save(plan: Parameters<typeof import('../core/saved-plan.ts').savePlan>[0], file: string) {
    const { savePlan } = await import('../core/saved-plan.ts')
    const { writePlan } = await import('../cli/user-files.ts')
    await writePlan(file, `${JSON.stringify(savePlan(plan), null, 1)}\n`)
    this.say(`\nSaved the plan to ${file}. To do exactly this: h2k apply ${file}`)
  }
}
