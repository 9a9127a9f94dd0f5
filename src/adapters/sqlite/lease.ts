import type { Host } from './host.ts'

/** How long a lock outlives its last sign of life, and how often its holder gives one. */
export interface Lease {
  readonly seconds: number
  readonly renewSeconds: number
}

export const defaultLease: Lease = { seconds: 30, renewSeconds: 5 }

/** Clocks of two hosts are rarely this far apart, so a lease this long over is over. */
const otherHostMarginSeconds = 3600

/** What is written down of a holder of locks in order to judge it later. */
export interface Holder {
  readonly host: string
  readonly bootId: string
  readonly pidNamespace: string
  readonly pid: number
  readonly startTicks: number
  /** End of the lease on the holder's own uptime clock, in seconds. */
  readonly leaseUptime: number
  /** End of the lease in seconds since 1970, for a host that cannot read the holder's uptime. */
  readonly leaseWall: number
}

/**
 * `dead`: will never write again. `expired`: gave no sign of life for as long as its lease, so paused or out of sight.
 * `alive`: must be left alone.
 */
export type Standing = 'dead' | 'expired' | 'alive'

/** Judges a holder from `host`; `wallSeconds` since 1970 count only between hosts, so a jump of the clock does no harm. */
export function standingOf(holder: Holder, host: Host, wallSeconds: number): Standing {
  if (holder.bootId === host.bootId) {
    if (seesProcess(holder, host) && !host.isAlive(holder.pid, holder.startTicks)) return 'dead'
    return holder.leaseUptime < host.uptimeSeconds() ? 'expired' : 'alive'
  }
  if (holder.host === host.hostname) return 'dead'
  return holder.leaseWall + otherHostMarginSeconds < wallSeconds ? 'expired' : 'alive'
}

/** Whether the holder's process number means the same process to `host`. */
export function seesProcess(holder: Holder, host: Host): boolean {
  return holder.bootId === host.bootId && holder.pidNamespace === host.pidNamespace
}
