import type { LockHolder } from '../../core/record.ts'
import type { Connection } from './connect.ts'
import type { Host } from './host.ts'
import type { Holder, Lease } from './lease.ts'

/** A holder of locks with the run that it holds them for. */
export interface HolderRow extends Holder {
  readonly token: number
  readonly runId: string
  readonly who: string
  readonly command: string
  readonly since: string
}

const holderColumns = `
  holders.token, holders.host, holders.boot_id AS bootId, holders.pid_namespace AS pidNamespace,
  holders.start_ticks AS startTicks, holders.lease_uptime AS leaseUptime, holders.lease_wall AS leaseWall,
  runs.id AS runId, runs.who, runs.command, runs.pid, runs.started_at AS since`

/** The statements about who holds which locks. Each belongs into a transaction of its caller. */
export function holderStatements(db: Connection) {
  const noteLost = `
    INSERT INTO history (at, run_id, machine, stage, event, attempt)
    SELECT @at, @runId, machine, stage, 'lost', attempt FROM stages WHERE status = 'started' AND run_id = @runId`
  const statements = {
    all: db.prepare<[], HolderRow>(
      `SELECT ${holderColumns} FROM holders JOIN runs ON runs.token = holders.token ORDER BY holders.token`,
    ),
    locks: db.prepare<[], Omit<LockHolder, 'alive'>>(
      `SELECT locks.machine, holders.token, runs.who, holders.host, runs.pid, runs.command, runs.started_at AS since
       FROM locks JOIN holders ON holders.token = locks.token JOIN runs ON runs.token = holders.token
       ORDER BY locks.machine`,
    ),
    tokenOf: db.prepare<[string], number>('SELECT token FROM locks WHERE machine = ?').pluck(),
    anyLockOf: db.prepare<[number], string>('SELECT machine FROM locks WHERE token = ? LIMIT 1').pluck(),
    nextToken: db.prepare<[], number>('UPDATE meta SET last_token = last_token + 1 RETURNING last_token').pluck(),
    insert: db.prepare(
      `INSERT INTO holders (token, host, boot_id, pid_namespace, start_ticks, lease_uptime, lease_wall)
       VALUES (@token, @hostname, @bootId, @pidNamespace, @startTicks, @leaseUptime, @leaseWall)`,
    ),
    renew: db.prepare('UPDATE holders SET lease_uptime = @leaseUptime, lease_wall = @leaseWall WHERE token = @token'),
    lock: db.prepare<[string, number]>('INSERT INTO locks (machine, token) VALUES (?, ?)'),
    unlock: db.prepare<[string]>('DELETE FROM locks WHERE machine = ?'),
    remove: db.prepare<[number]>('DELETE FROM holders WHERE token = ?'),
    noteLostOf: db.prepare(`${noteLost} AND machine = @machine ORDER BY stage`),
    noteLostAll: db.prepare(
      `${noteLost} AND machine IN (SELECT machine FROM locks WHERE token = @token) ORDER BY machine, stage`,
    ),
    endLost: db.prepare('UPDATE runs SET finished_at = @at WHERE id = @runId AND finished_at IS NULL'),
  }
  /** Takes all that a holder has away from it. Its stages stay `started`: the next run looks at what became of them. */
  function reclaim({ token, runId }: HolderRow, at: string): void {
    statements.noteLostAll.run({ token, runId, at })
    statements.endLost.run({ runId, at })
    statements.remove.run(token)
  }
  /** Takes the lock of one machine away from its holder; with the last one the holder goes too. */
  function take(holder: HolderRow, machine: string, at: string): void {
    const { token, runId } = holder
    statements.noteLostOf.run({ token, runId, at, machine })
    statements.unlock.run(machine)
    if (statements.anyLockOf.get(token) === undefined) reclaim(holder, at)
  }
  return { ...statements, reclaim, take }
}

/** Until when a holder's sign of life counts that it gives now. */
export function leaseFromNow(lease: Lease, host: Host, wallSeconds: number) {
  return { leaseUptime: host.uptimeSeconds() + lease.seconds, leaseWall: wallSeconds + lease.seconds }
}
