import { addressOf } from '../core/address.ts'
import type { Machine } from '../core/machine.ts'
import type { Plan } from '../core/plan.ts'
import { type Problem, problemsOf } from '../core/problem.ts'
import type { Artifact } from '../core/record.ts'
import { scratchFolder, scratchFolders } from './guest-disks.ts'
import type { Run } from './run-stage.ts'

type Sweeping = Pick<Run, 'context' | 'state' | 'writer' | 'signal'>

/** Removes what was only made for stages that are all done now. What cannot be removed is told; it is in nobody's way. */
export async function sweep(machine: Machine, { emit, ...run }: Sweeping & Pick<Run, 'emit'>): Promise<void> {
  const folder = `${scratchFolder(machine, run.context)}/`
  const left = run.state.artifacts(machine.name).filter(({ path }) => path.startsWith(folder))
  for (const problem of await remove(left, run)) emit({ type: 'diagnostic', problem })
}

/** The same of machines with which nothing is to be done any more: a run that was killed at its very end left it. */
export async function sweepFinished({ machines }: Plan, run: Sweeping): Promise<readonly Problem[]> {
  const finished = new Set(machines.flatMap(({ name, action, held }) => (action === 'noop' && !held ? name : [])))
  const left = run.state.artifactsIn(scratchFolders(run.context)).filter(({ machine }) => finished.has(machine))
  return await remove(left, run)
}

async function remove(
  artifacts: readonly Artifact[],
  { context, writer, signal }: Sweeping,
): Promise<readonly Problem[]> {
  const told: Problem[] = []
  for (const { path, machine } of artifacts) {
    try {
      await context.files.remove(path, signal)
    } catch (error) {
      const problems = problemsOf(error)
      if (!problems) throw error
      told.push(...problems.map((one) => ({ ...one, severity: 'warning' as const, address: addressOf(machine) })))
      continue
    }
    await writer.removed(path)
  }
  return told
}
