import { addressOf } from '../core/address.ts'
import type { PlannedMachine } from '../core/plan.ts'
import { problem } from '../core/problem.ts'
import { shownPath } from '../core/relocate.ts'
import { inOrderOfRemoval, isShared } from '../core/removal.ts'
import { stageNames } from '../core/stage-names.ts'
import { formatCount } from '../core/units.ts'
import { leftPools } from './left-pools.ts'
import type { Run } from './run-stage.ts'

/**
 * Removes what h2k made for a machine, each thing as the plan said it is, and forgets the machine. Stopped at any point, the
 * next run goes on: what is gone is no longer in the state, or is found gone.
 * @throws ProblemError DESTROY_REFUSED for what is no longer as it was planned; whatever the state's writer throws
 */
export async function destroyMachine(planned: PlannedMachine, run: Run): Promise<void> {
  const { context, state, writer, emit, signal, reached } = run
  const { name: machine, removals = [] } = planned
  const reviewed = new Map(removals.map(({ path, mark }) => [path, mark]))
  let removed = 0
  const pools = leftPools(machine, state)
  const own = state.artifacts(machine)
  // Anew for each machine: what others may have done meanwhile is seen.
  const sight = context.target.sight(own)
  for (const artifact of [...inOrderOfRemoval(own, stageNames), ...pools]) {
    const path = shownPath(artifact.path, context.root)
    const { standing, mark, holds } = await sight.remains(artifact, signal)
    // The last machine that leaves it removes it.
    if (holds !== undefined) continue
    // An empty pool has nothing that somebody may want to look at first.
    if (standing !== 'gone' && !isShared(artifact) && mark !== reviewed.get(path)) {
      throw problem('DESTROY_REFUSED', `${path} is not what it was when this was planned`, {
        hint: 'plan again and look at what changed',
        address: addressOf(machine),
      })
    }
    reached(machine, 'destroy', 'before-intent')
    if (artifact.machine !== machine) await writer.intend({ ...artifact, machine })
    await sight.destroy(artifact, signal)
    reached(machine, 'destroy', 'after-effect')
    await writer.removed(artifact.path)
    reached(machine, 'destroy', 'after-done')
    if (standing === 'gone') continue
    removed++
    emit({ type: 'artifact_removed', machine, path })
  }
  await writer.forget(machine, context.clock.now(), `destroyed: ${formatCount(removed, 'artifact')} removed`)
  emit({ type: 'machine_destroyed', machine, removed })
}
