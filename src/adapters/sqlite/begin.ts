import { addressOf } from '../../core/address.ts'
import { printable } from '../../core/printable.ts'
import { type Problem, ProblemError } from '../../core/problem.ts'
import type { RunStart } from '../../ports/state.ts'
import { type HolderRow, leaseFromNow } from './holders.ts'
import { type Standing, seesProcess, standingOf } from './lease.ts'
import { type OpenDatabase, wallSeconds } from './open-database.ts'

/**
 * Takes the locks of all machines or none and writes the run down, in one transaction.
 * @returns the fencing token
 * @throws ProblemError LOCKED
 */
export function begin(opened: OpenDatabase, run: RunStart, machines: readonly string[]): number {
  const { db, holders, host } = opened
  return db
    .transaction(() => {
      const wanted = new Set(machines)
      clearTheWay(opened, wanted, run.startedAt)
      const token = holders.nextToken.get() ?? 0
      opened.runs.insert.run({ commit: null, ...run, token, pid: host.pid })
      const { hostname, bootId, pidNamespace, startTicks } = host
      const lease = leaseFromNow(opened.lease, host, wallSeconds(opened))
      holders.insert.run({ token, hostname, bootId, pidNamespace, startTicks, ...lease })
      for (const machine of wanted) holders.lock.run(machine, token)
      return token
    })
    .immediate()
}

/** The dead lose their locks in any case; those whose lease ran out only where they are in the way. */
function clearTheWay(opened: OpenDatabase, wanted: ReadonlySet<string>, at: string): void {
  const { holders, host } = opened
  const inTheWay = new Map<number, string[]>()
  for (const machine of wanted) {
    const token = holders.tokenOf.get(machine)
    if (token !== undefined) inTheWay.set(token, [...(inTheWay.get(token) ?? []), machine])
  }
  const judged = holders.all.all().map((holder) => ({
    holder,
    standing: standingOf(holder, host, wallSeconds(opened)),
    blocked: inTheWay.get(holder.token) ?? [],
  }))
  const locked = judged.filter(({ standing, blocked }) => standing === 'alive' && blocked.length > 0)
  if (locked.length > 0) {
    throw new ProblemError(locked.map(({ holder, blocked }) => lockedProblem(opened, holder, blocked)))
  }
  for (const { holder, standing, blocked } of judged) if (isReclaimed(standing, blocked)) holders.reclaim(holder, at)
}

function isReclaimed(standing: Standing, blocked: readonly string[]): boolean {
  return standing === 'dead' || (standing === 'expired' && blocked.length > 0)
}

function lockedProblem({ host }: OpenDatabase, holder: HolderRow, machines: readonly string[]): Problem {
  const names = machines.slice(0, 3).map((machine) => addressOf(machine))
  const more = machines.length - names.length
  const what = `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''} ${machines.length > 1 ? 'are' : 'is'} locked`
  const whose = `${printable(holder.who)} runs "${printable(holder.command)}" on ${printable(holder.host)}`
  return {
    severity: 'error',
    code: 'LOCKED',
    summary: `${what}: ${whose}, pid ${holder.pid}, since ${holder.since}`,
    ...(machines[0] !== undefined && { address: addressOf(machines[0]) }),
    hint: seesProcess(holder, host)
      ? `wait for it to end, or stop it: kill -INT ${holder.pid}`
      : `if it no longer runs on ${printable(holder.host)}: h2k state unlock ${machines.map((machine) => addressOf(machine)).join(' ')}`,
  }
}
