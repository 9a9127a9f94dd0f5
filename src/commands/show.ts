import { Args } from '@oclif/core'
import { H2kCommand, type Outcome } from '../cli/base-command.ts'
import { isDocument, reviewFlags } from '../cli/flags.ts'

export default class Show extends H2kCommand {
  static override summary =
    'Show a saved plan and whether it can still be applied, also one that is stale, used or not signed.'
  static override examples = [
    '<%= config.bin %> show review.h2kplan',
    '<%= config.bin %> show review.h2kplan --format markdown > comment.md',
  ]
  static override flags = reviewFlags
  static override args = { file: Args.string({ required: true, description: 'a file of h2k plan --out' }) }

  protected async work(): Promise<Outcome> {
    const { args, flags } = await this.parse(Show)
    this.document = isDocument(flags)
    const { readPlanFile } = await import('../cli/plan-file.ts')
    const { loadSchemas } = await import('../cli/wiring.ts')
    const { standingOf } = await import('../cli/saved-plan-standing.ts')
    const { planJson } = await import('../render/plan-json.ts')
    const { standingText } = await import('../render/saved-plan-text.ts')
    const { staleProblems } = await import('../core/stale-machines.ts')
    const saved = await readPlanFile(args.file, { schemas: loadSchemas })
    const standing = await standingOf(saved, args.file, this.folder(flags))
    for (const line of standingText(saved, standing)) this.say(line)
    await this.sayPlan(saved.plan, flags, { whole: `h2k show ${args.file}`, folder: this.folder(flags) })
    if (this.stream) this.report(staleProblems(standing.stale))
    const { used, stale, untrusted } = standing
    return {
      data: JSON.parse(
        JSON.stringify({
          id: saved.id,
          used: used !== undefined,
          stale: stale.length,
          changes: stale,
          signed_by: saved.signature?.key,
          untrusted,
          plan: planJson(saved.plan),
        }),
      ),
    }
  }
}
