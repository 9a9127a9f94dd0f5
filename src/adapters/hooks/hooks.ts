import { setTimeout as wait } from 'node:timers/promises'
import { type Hook, retryDelaySeconds } from '../../core/hook.ts'
import type { HookContext } from '../../core/hook-context.ts'
import { type Problem, ProblemError, problem } from '../../core/problem.ts'
import { conditionHolds } from '../../core/template.ts'
import type { Clock } from '../../ports/clock.ts'
import type { HookResult, Hooks, HookWork } from '../../ports/hooks.ts'
import type { Runner } from '../../ports/runner.ts'
import { type Attempt, type Failure, titleOf, variablesOf } from './attempt.ts'
import { runFunction } from './function.ts'
import { runHttp } from './http.ts'
import { identityOf } from './identity.ts'
import { makeAttempt } from './make-attempt.ts'
import { createMask, type Mask } from './mask.ts'
import { type Lookup, lookupHost } from './request.ts'
import { runScript } from './script.ts'

interface Needs {
  readonly runner: Runner
  readonly clock: Clock
  /** h2k's own. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly lookup?: Lookup
  /** Waits; rejects at once when aborted. */
  sleep?(seconds: number, signal: AbortSignal): Promise<void>
  /** From 0 up to 1. */
  random?(): number
}

/** Runs hooks on this host. */
export function createHooks(needs: Needs): Hooks {
  return {
    identity: identityOf,
    async run(hook, context, work) {
      work.signal.throwIfAborted()
      const begun = needs.clock.seconds()
      const secrets = variablesOf(hook).map((name) => needs.environment[name] ?? '')
      const result = await runHook(hook, { ...context, hook: hook.name }, work, createMask(secrets), needs)
      return { ...result, seconds: needs.clock.seconds() - begun }
    },
  }
}

type Outcome = Omit<HookResult, 'seconds'>

async function runHook(hook: Hook, context: HookContext, work: HookWork, mask: Mask, needs: Needs): Promise<Outcome> {
  const { retry } = hook
  for (let attempts = 1; ; attempts++) {
    const told = { ...context, attempt: attempts }
    const { attempt, end } = makeAttempt(hook, told, work, mask, needs.environment)
    if (attempts === 1 && hook.when !== undefined) {
      const holds = condition(hook.when, hook, told)
      if (holds instanceof ProblemError)
        return { outcome: 'failed', attempts: 0, output: '', problem: masked(holds, mask) }
      if (!holds) return { outcome: 'skipped', attempts: 0, output: '' }
    }
    let failed: Failure | undefined
    let output = ''
    try {
      failed = await tried(hook, attempt, needs)
    } finally {
      output = end()
    }
    work.signal.throwIfAborted()
    if (failed === undefined) return { outcome: 'succeeded', attempts, output }
    const why = masked(failed.error, mask)
    if (!failed.retryable || attempts > retry.maxRetries) return { outcome: 'failed', attempts, output, problem: why }
    const delay = retryDelaySeconds(retry, attempts) * (retry.jitter ? 1 - (needs.random ?? Math.random)() / 2 : 1)
    const next = `attempt ${attempts + 1} of ${retry.maxRetries + 1} follows in ${Number(delay.toFixed(1))} s`
    work.log(`\n[h2k: ${why.summary}; ${next}]\n`)
    await (needs.sleep ?? sleep)(delay, work.signal)
  }
}

function condition(expression: string, hook: Hook, context: HookContext): boolean | ProblemError {
  try {
    return conditionHolds(expression, context, `${titleOf(hook)}, when`)
  } catch (error) {
    if (error instanceof ProblemError) return error
    throw error
  }
}

async function tried(
  hook: Hook,
  attempt: Attempt,
  { runner, lookup = lookupHost }: Needs,
): Promise<Failure | undefined> {
  try {
    switch (hook.type) {
      case 'script':
        return await runScript(hook, attempt, runner)
      case 'python':
      case 'node':
        return await runFunction(hook, attempt, runner)
      case 'http':
        return await runHttp(hook, attempt, lookup)
    }
  } catch (error) {
    attempt.signal.throwIfAborted()
    if (!(error instanceof ProblemError)) throw error
    return toFailure(error, hook)
  }
}

function toFailure(error: ProblemError, hook: Hook): Failure {
  const [first] = error.problems
  switch (first?.code) {
    case 'TOOL_TIMEOUT':
    case 'HOOK_TIMEOUT': {
      const summary = `${titleOf(hook)} took longer than ${hook.timeoutSeconds} s`
      return {
        error: problem('HOOK_TIMEOUT', summary, { hint: 'raise its timeout' }),
        retryable: hook.retry.retryOnTimeout,
      }
    }
    case 'TOOL_FAILED':
      return { error: problem('HOOK_FAILED', `${titleOf(hook)}: ${first.summary}`), retryable: true }
    default:
      return { error, retryable: false }
  }
}

/** One problem, of which a hook's failure consists; a template may have several faults. */
function masked({ problems }: ProblemError, mask: Mask): Problem {
  const [first, ...more] = problems.map((one) => ({
    ...one,
    summary: mask.text(one.summary),
    ...(one.detail === undefined ? {} : { detail: mask.text(one.detail) }),
  }))
  if (first === undefined) throw new Error('a failure without a problem')
  return more.length === 0 ? first : { ...first, detail: more.map(({ summary }) => summary).join(' | ') }
}

async function sleep(seconds: number, signal: AbortSignal): Promise<void> {
  await wait(seconds * 1000, undefined, { signal }).catch((error) => {
    signal.throwIfAborted()
    throw error
  })
}
