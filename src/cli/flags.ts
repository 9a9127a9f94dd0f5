import { Flags } from '@oclif/core'
import { problem } from '../core/problem.ts'

/** Flags that choose machines, the same for every command that has them. */
export const selectionFlags = {
  only: Flags.string({ multiple: true, helpValue: 'ADDRESS', description: 'these machines only; * and ? match' }),
  exclude: Flags.string({ multiple: true, helpValue: 'ADDRESS', description: 'all but these machines' }),
}

/** Flags that shape a plan. */
export const planFlags = {
  ...selectionFlags,
  wave: Flags.string({ helpValue: 'NAME', description: 'the machines of this wave only' }),
  redo: Flags.string({
    multiple: true,
    helpValue: 'ADDRESS',
    description: 'run this machine or stage again although nothing changed',
  }),
  refresh: Flags.boolean({
    allowNo: true,
    default: true,
    description: 'look whether what was recorded is still there',
  }),
}

/** What the flags above say, with nothing left out. */
export function planOptions(flags: {
  readonly only?: readonly string[] | undefined
  readonly exclude?: readonly string[] | undefined
  readonly wave?: string | undefined
  readonly redo?: readonly string[] | undefined
  readonly refresh?: boolean | undefined
}) {
  const { only = [], exclude = [], wave, redo = [], refresh = true } = flags
  return { only, exclude, redo, refresh, ...(wave === undefined ? {} : { wave }) }
}

const formats = ['text', 'json', 'markdown', 'github', 'gitlab', 'gitlab-quality', 'sarif'] as const
const fewestBytes = 5000

/** Flags of commands that show a plan for a review. */
export const reviewFlags = {
  format: Flags.option({
    options: formats,
    description: 'of the plan, on standard output or in --body; what else is said then goes to standard error',
    exclusive: ['json'],
  })(),
  body: Flags.string({
    helpValue: 'FILE',
    description: 'write the format to FILE, and the text as usual',
    dependsOn: ['format'],
  }),
  'max-bytes': Flags.integer({
    min: fewestBytes,
    helpValue: 'N',
    description: 'the most that markdown may have [default: 60000]',
    dependsOn: ['format'],
  }),
}

/** The same for drift, which names no lines of git. */
export const driftFlags = {
  ...reviewFlags,
  format: Flags.option({
    options: ['text', 'json', 'markdown'] as const,
    description: 'of what is found, on standard output or in --body; what else is said then goes to standard error',
    exclusive: ['json'],
  })(),
}

/** What they say. */
export interface ReviewFlags {
  readonly format?: (typeof formats)[number] | undefined
  readonly body?: string | undefined
  readonly 'max-bytes'?: number | undefined
}

/**
 * Whether standard output holds a document, and nothing else may stand there.
 * @throws ProblemError USAGE
 */
export function isDocument({ format, body, 'max-bytes': maxBytes }: ReviewFlags): boolean {
  if (maxBytes !== undefined && format !== 'markdown') {
    throw problem('USAGE', '--max-bytes is for --format markdown', { hint: 'leave it out: no other format is cut' })
  }
  return format !== undefined && format !== 'text' && body === undefined
}
