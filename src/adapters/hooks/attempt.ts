import type { Hook, HookText } from '../../core/hook.ts'
import type { HookContext } from '../../core/hook-context.ts'
import type { TemplateKind } from '../../core/liquid.ts'
import { printable } from '../../core/printable.ts'
import { type ProblemError, problem } from '../../core/problem.ts'
import { renderTemplate } from '../../core/template.ts'

/** One attempt at a hook, as the kinds of hooks see it. */
export interface Attempt {
  readonly context: HookContext
  readonly signal: AbortSignal
  /** PATH, HOME and LANG of h2k. */
  readonly environment: Readonly<Record<string, string>>
  /** Renders a template, or reads the variable that it names. */
  text(value: HookText, where: string, kind?: TemplateKind): string
  /** What the hook prints. */
  out(text: string): void
  err(text: string): void
  /** What the hook printed so far, safe to print in a message: its last lines. */
  lastLines(): string
  /** A text from the hook, safe to print in a message: its first part. */
  shown(text: string): string
}

/** Why an attempt failed. */
export interface Failure {
  readonly error: ProblemError
  /** Whether it could succeed the next time. */
  readonly retryable: boolean
}

export function failure(
  hook: Hook,
  what: string,
  rest: { detail?: string; hint?: string; final?: boolean } = {},
): Failure {
  const { final = false, ...more } = rest
  return { error: problem('HOOK_FAILED', `${titleOf(hook)}: ${what}`, more), retryable: !final }
}

/** Names a hook for a reader. */
export function titleOf({ name }: Hook): string {
  return `hook "${printable(name)}"`
}

/** The environment variables that a hook refers to. */
export function variablesOf(hook: Hook): readonly string[] {
  const texts =
    hook.type === 'script'
      ? Object.values(hook.env)
      : hook.type === 'http'
        ? [hook.url, ...Object.values(hook.headers)]
        : []
  return texts.flatMap((text) => (typeof text === 'string' ? [] : [text.env]))
}

/** Renders a hook's texts with values from `environment` where they refer to it. */
export function textReader(
  hook: Hook,
  context: HookContext,
  environment: Readonly<Record<string, string | undefined>>,
): Attempt['text'] {
  return (value, where, kind) => {
    if (typeof value === 'string') return renderTemplate(value, context, `${titleOf(hook)}, ${where}`, kind)
    const found = environment[value.env]
    if (found !== undefined) return found
    throw problem('HOOK_MISSING', `${titleOf(hook)}, ${where}: the environment variable ${value.env} is not set`, {
      hint: `export ${value.env}=…`,
    })
  }
}
