import { Flags } from '@oclif/core'
import { H2kCommand, type Outcome } from '../cli/base-command.ts'
import { exitCodeOf } from '../cli/exit-code.ts'
import { isDocument, planFlags, planOptions, reviewFlags } from '../cli/flags.ts'
import type { judgedWorkspace } from '../cli/plan-workspace.ts'
import type { Plan as PlannedWork } from '../core/plan.ts'
import type { Problem } from '../core/problem.ts'
import type { SavedPlan } from '../core/saved-plan.ts'

export default class Plan extends H2kCommand {
  static override summary = 'Show what apply would do, without doing it.'
  static override examples = [
    '<%= config.bin %> plan',
    '<%= config.bin %> plan --only "machine.web-*" --detailed-exitcode',
    '<%= config.bin %> plan --explain machine.web01',
    '<%= config.bin %> plan --out review.h2kplan && <%= config.bin %> apply review.h2kplan',
    '<%= config.bin %> plan --format markdown --body comment.md',
    '<%= config.bin %> plan --compare review.h2kplan --out merged.h2kplan',
  ]
  static override flags = {
    ...planFlags,
    ...reviewFlags,
    out: Flags.string({ helpValue: 'FILE', description: 'save the plan for h2k apply FILE' }),
    explain: Flags.string({ helpValue: 'ADDRESS', description: 'print where each value of this machine is from' }),
    compare: Flags.string({ helpValue: 'FILE', description: 'exit 4 unless it is what this saved plan says' }),
    'detailed-exitcode': Flags.boolean({ description: 'exit 2 when there is something to do' }),
  }

  protected async work(): Promise<Outcome> {
    const { flags } = await this.parse(Plan)
    this.document = isDocument(flags)
    const { judgedWorkspace } = await import('../cli/plan-workspace.ts')
    if (flags.explain !== undefined) return await this.explain(this.folder(flags), flags.explain)
    const reviewed = flags.compare === undefined ? undefined : await this.reviewed(flags.compare)
    const { redo, refresh } = reviewed?.plan ?? planOptions(flags)
    const made = await judgedWorkspace(this.folder(flags), { ...planOptions(flags), redo, refresh })
    const { plan, problems } = made
    const { planJson } = await import('../render/plan-json.ts')
    const { isPending } = await import('../core/plan.ts')
    const whole = flags.out === undefined ? 'h2k plan' : `h2k show ${flags.out}`
    await this.sayPlan(plan, flags, { whole, folder: this.folder(flags) })
    if (this.stream) (await import('../cli/planned-changes.ts')).emitPlan(plan, this.stream.emit)
    // What is about a machine, and what the policy says, stands in the plan.
    this.report(problems.filter(({ address, code }) => address === undefined && !code.startsWith('POLICY_')))
    const differing = reviewed ? await this.compare(reviewed, flags.compare ?? '', made) : []
    if (flags.out) await this.save(plan, flags.out)
    const errors = [...problems, ...differing].filter(({ severity }) => severity === 'error')
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

  private async reviewed(file: string): Promise<SavedPlan> {
    const { readPlanFile } = await import('../cli/plan-file.ts')
    const { loadSchemas } = await import('../cli/wiring.ts')
    return await readPlanFile(file, { schemas: loadSchemas })
  }

  private async save(plan: PlannedWork, file: string): Promise<void> {
    const { savePlanFile } = await import('../cli/plan-file.ts')
    const { signature } = await savePlanFile(plan, file)
    this.say(`\nSaved the plan to ${file}${signature ? ', signed' : ''}. To do exactly this: h2k apply ${file}`)
  }

  /** Tells what would be done now and was not reviewed, or no longer as it was. */
  private async compare(
    saved: SavedPlan,
    file: string,
    { plan, subjects, session }: Awaited<ReturnType<typeof judgedWorkspace>>,
  ): Promise<readonly Problem[]> {
    const { requireTrusted } = await import('../cli/plan-file.ts')
    await requireTrusted(saved, file, session)
    const { staleMachines, staleProblems, unreviewedMachines } = await import('../core/stale-machines.ts')
    const { fieldPlaces } = await import('../app/plan-workspace.ts')
    const { comparisonText } = await import('../render/saved-plan-text.ts')
    const stale = staleMachines(saved.plan, plan, fieldPlaces(subjects))
    const unreviewed = unreviewedMachines(saved.plan, plan)
    for (const line of comparisonText(file, stale, unreviewed)) this.say(line)
    const problems = staleProblems([...stale, ...unreviewed])
    if (this.stream) this.report(problems)
    return problems
  }
}
