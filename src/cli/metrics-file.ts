import { dirname, resolve } from 'node:path'
import type { Session } from '../app/session.ts'
import type { RunEvent } from '../core/events.ts'
import { countActions, type Plan } from '../core/plan.ts'
import { type Problem, problemsOf } from '../core/problem.ts'
import { createRunMetrics } from '../render/run-metrics.ts'
import { makeFolder } from './user-files.ts'

const secondsBetweenWrites = 5
const never = new AbortController().signal

/** Keeps a file of metrics while an apply runs. It cannot fail the run. */
export interface MetricsFile {
  take(event: RunEvent): void
  /** Writes how it ended, where it began: `plan` is undefined for a run that broke off. Gives what kept the file from being written. */
  end(plan: Plan | undefined, waiting: number, exitCode: number): Promise<readonly Problem[]>
}

/** Each write replaces the file as a whole. Without a path nothing is written. */
export function metricsFile(path: string | undefined, { clock, context, version }: Session): MetricsFile {
  if (path === undefined) return { take: () => undefined, end: async () => [] }
  const { files, workspace } = context
  const metrics = createRunMetrics()
  const wall = () => Date.parse(clock.now()) / 1000
  const begun = wall()
  let last = Number.NEGATIVE_INFINITY
  let problems: readonly Problem[] = []
  let under = Promise.resolve()
  const write = (text: string) => {
    under = under.then(async () => {
      // Told once, and not every few seconds.
      if (problems.length > 0) return
      problems = await tryTo(async () => {
        await makeFolder(dirname(resolve(path)))
        await files.writeWhole(resolve(path), text, never)
      }, path)
    })
    return under
  }
  const base = { workspace, version, begun, unchanged: 0, waiting: 0 }
  return {
    take(event) {
      const now = clock.seconds()
      metrics.take(event, now)
      if (now - last < secondsBetweenWrites) return
      last = now
      void write(metrics.text(base, now))
    },
    async end(plan, waiting, exitCode) {
      // Ended before it began, such as by somebody else's lock: the file may be of who holds it.
      if (plan === undefined && last === Number.NEGATIVE_INFINITY) return []
      const unchanged = plan ? countActions(plan).noop : 0
      const facts = { ...base, unchanged, waiting, ended: { at: wall(), exitCode } }
      await write(metrics.text(facts, clock.seconds()))
      return problems
    },
  }
}

async function tryTo(write: () => Promise<unknown>, path: string): Promise<readonly Problem[]> {
  try {
    await write()
    return []
  } catch (error) {
    const known = problemsOf(error)
    if (known) return known.map((problem) => ({ ...problem, severity: 'warning' }))
    if (!(error instanceof Error && 'code' in error)) throw error
    const summary = `the metrics cannot be written to ${path}: ${String(error.code)}`
    return [{ severity: 'warning', code: 'OUTPUT_UNWRITABLE', summary, hint: 'name another file' }]
  }
}
