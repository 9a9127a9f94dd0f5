import { type ApprovalStanding, approvalStanding } from '../core/approval.ts'
import { cutoverRequest } from '../core/cutover.ts'
import { goesToLibvirt } from '../core/resolve-target.ts'
import type { StateStore } from '../ports/state.ts'
import { loadWorkspace } from './load-workspace.ts'
import { cutoverBegun } from './recorded-machine.ts'
import type { Session } from './session.ts'

/**
 * How the approvals stand that git asks for before a cutover, by the machines' names. A manifest that cannot be read asks for
 * none: `h2k validate` tells what is wrong with it.
 */
export async function cutoverApprovals(
  state: Pick<StateStore, 'machines' | 'recordedInput'>,
  { config, files, cache, version, clock }: Pick<Session, 'config' | 'files' | 'cache' | 'version' | 'clock'>,
): Promise<ReadonlyMap<string, ApprovalStanding>> {
  const records = state.machines()
  const { machines } = await loadWorkspace(config, files, cache, version)
  return new Map(
    machines.flatMap(({ name, manifest }) => {
      const record = records.get(name)
      if (!record || !goesToLibvirt(manifest, config)) return []
      const approval = approvalStanding(cutoverRequest(manifest), record, cutoverBegun(name, state), clock.now())
      return approval ? [[name, approval]] : []
    }),
  )
}
