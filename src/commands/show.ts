import { Args } from '@oclif/core'
import { H2kCommand, type Outcome } from '../cli/base-command.ts'

export default class Show extends H2kCommand {
  static override summary = 'Show a saved plan, also one that is stale or used.'
  static override examples = ['<%= config.bin %> show review.h2kplan']
  static override args = { file: Args.string({ required: true, description: 'a file of h2k plan --out' }) }

  protected async work(): Promise<Outcome> {
    const { args, flags } = await this.parse(Show)
    const { readJson } = await import('../cli/user-files.ts')
    const { openSavedPlan } = await import('../core/saved-plan.ts')
    const { planText } = await import('../render/plan-text.ts')
    const { planJson } = await import('../render/plan-json.ts')
    const saved = openSavedPlan(await readJson(args.file), args.file)
    const { standingOf } = await import('../cli/saved-plan-standing.ts')
    const standing = await standingOf(saved, this.folder(flags))
    for (const line of standing.banner) this.say(line)
    this.say(planText(saved.plan, this.color(flags)))
    this.report(standing.stale)
    return { data: { id: saved.id, used: standing.used, stale: standing.stale.length, plan: planJson(saved.plan) } }
  }
}
