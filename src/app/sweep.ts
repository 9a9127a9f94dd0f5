import { addressOf } from '../core/address.ts'
import type { Machine } from '../core/machine.ts'
import { problemsOf } from '../core/problem.ts'
import { scratchFolder } from './guest-disks.ts'
import type { Run } from './run-stage.ts'

/** Removes what was only made for stages that are all done now. What cannot be removed is told; it is in nobody's way. */
export async function sweep(
  machine: Machine,
  { context, state, writer, emit, signal }: Pick<Run, 'context' | 'state' | 'writer' | 'emit' | 'signal'>,
): Promise<void> {
  const folder = `${scratchFolder(machine, context)}/`
  for (const { path } of state.artifacts(machine.name).filter((artifact) => artifact.path.startsWith(folder))) {
    try {
      await context.files.remove(path, signal)
    } catch (error) {
      const problems = problemsOf(error)
      if (!problems) throw error
      const address = addressOf(machine.name)
      for (const one of problems) emit({ type: 'diagnostic', problem: { ...one, severity: 'warning', address } })
      continue
    }
    await writer.removed(path)
  }
}
