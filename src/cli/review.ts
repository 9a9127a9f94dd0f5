import type { Plan } from '../core/plan.ts'
import type { Place } from '../core/problem.ts'
import { planAnnotations, planFindings } from '../render/review/plan-annotations.ts'
import type { ReviewFlags } from './flags.ts'
import { inRepository } from './in-repository.ts'

export const defaultBytes = 60_000

/** What shows the whole of a plan, and where its files are. */
export interface Reviewed {
  readonly whole: string
  readonly folder: string
}

/**
 * A plan in the format that was asked for; undefined for the plain text. Files are named as from where h2k was started, which in a
 * pipeline is the root of the repository.
 */
export async function reviewOf(
  plan: Plan,
  flags: ReviewFlags,
  { whole, folder }: Reviewed,
): Promise<string | undefined> {
  const { format, 'max-bytes': maxBytes } = flags
  const placed = <T extends { readonly at?: Place }>(about: T): T => inRepository(about, folder)
  switch (format) {
    case undefined:
    case 'text':
      return undefined
    case 'json': {
      const { planJson } = await import('../render/plan-json.ts')
      return `${JSON.stringify(planJson(plan), null, 2)}\n`
    }
    case 'markdown': {
      const { planMarkdown } = await import('../render/review/plan-markdown.ts')
      return planMarkdown(plan, maxBytes ?? defaultBytes, whole)
    }
    case 'github': {
      const { annotationsGithub } = await import('../render/problem-formats.ts')
      return `${annotationsGithub(planAnnotations(plan).map(placed))}\n`
    }
    case 'gitlab':
      return (await import('../render/review/plan-gitlab.ts')).planGitlab(plan)
    case 'gitlab-quality': {
      const { annotationsGitlab } = await import('../render/review/plan-gitlab.ts')
      return annotationsGitlab(planAnnotations(plan).map(placed))
    }
    case 'sarif': {
      const { problemsSarif } = await import('../render/problem-formats.ts')
      const { version } = await import('./version.ts')
      return `${problemsSarif(planFindings(plan).map(placed), version)}\n`
    }
  }
}
