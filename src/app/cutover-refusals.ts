import { addressOf } from '../core/address.ts'
import type { Machine } from '../core/machine.ts'
import type { PlannedMachine } from '../core/plan.ts'
import { printable } from '../core/printable.ts'
import type { Problem } from '../core/problem.ts'
import type { MachineRecord } from '../core/record.ts'
import type { StateStore } from '../ports/state.ts'
import type { Context } from './context.ts'
import { findDrift } from './find-drift.ts'

/** Why a machine cannot be cut over at all, by what git says of it. */
export function unfitTarget({ name, target }: Machine): Problem | undefined {
  if (target.kind === 'files') {
    return refusal(name, 'its target is a folder, and only a machine in libvirt is cut over', 'target: a libvirt')
  }
  if (!target.define) {
    return refusal(name, 'libvirt_integration leaves its domain to somebody else', 'set define_domain: true')
  }
  if (!target.running) return undefined
  return refusal(
    name,
    'libvirt_integration.auto_start has it running before it is cut over',
    'remove auto_start and apply: the cutover starts it',
  )
}

/**
 * What is not as it was recorded: with a source that changed since the copy, or a domain that somebody edited, it would not
 * be the same machine. A source that is going to be copied once more may change until then.
 */
export async function driftRefusals(
  name: string,
  sides: 'target' | 'both',
  state: StateStore,
  context: Pick<Context, 'files' | 'disks' | 'source' | 'target' | 'domains' | 'root' | 'clock'>,
  signal: AbortSignal,
): Promise<readonly Problem[]> {
  const drift = await findDrift(state, { selected: new Set([name]), deep: false }, context, signal)
  return drift.flatMap(({ findings }) =>
    findings.flatMap(({ kind, subject, status, detail = '', problem }) => {
      if (problem) return [problem]
      if (status === 'Synced' || (sides === 'target' && kind === 'source' && status === 'OutOfSync')) return []
      return [refusal(name, `${kind} ${printable(subject)} ${detail}`, `h2k apply --only ${addressOf(name)}`)]
    }),
  )
}

/** What apply would still do. */
export function undone(
  { name, action, problems }: PlannedMachine,
  record: MachineRecord | undefined,
): readonly Problem[] {
  if (problems.length > 0) return problems
  if (action === 'noop' && record) return []
  const hint = `h2k apply --only ${addressOf(name)}`
  return [refusal(name, 'not everything of it is done as git says', hint)]
}

export function refusal(machine: string, summary: string, hint: string): Problem {
  return { severity: 'error', code: 'CUTOVER_REFUSED', summary, hint, address: addressOf(machine) }
}
