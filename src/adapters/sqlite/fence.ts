import { printable } from '../../core/printable.ts'
import { type ProblemError, problem } from '../../core/problem.ts'
import { explained, explaining } from './failure.ts'
import { flushLog, logOf, withoutFlush } from './flush-log.ts'
import { type Write, writeQueue } from './group-commit.ts'
import { leaseFromNow } from './holders.ts'
import { type OpenDatabase, serialOf, wallSeconds } from './open-database.ts'

/** Who writes: a run, its fencing token, and the machines whose locks it took. */
export interface Holding {
  readonly runId: string
  readonly command: string
  readonly token: number
  readonly machines: ReadonlySet<string>
}

/** Lets writes through for as long as nobody took the locks, and keeps the lease alive meanwhile. */
export interface Fence {
  /** Queues a write; it calls `hold` for each machine before it changes something of it. */
  add(write: Write): Promise<void>
  /** Queues a write that nobody waits for and that is no change to others, such as how far a stage is. */
  addQuietly(write: Write): void
  /** In a write: fails it, and all that are flushed with it, when the machine's lock is no longer held. */
  hold(machine: string, serial: number): void
  /** Commits what waits, then makes the last change and gives the locks back. */
  end(last: () => void): void
  /** Commits what waits and gives no more signs of life. */
  stop(): void
  /** Whether it ended, or its locks were taken. */
  isOver(): boolean
}

/** `touch` notes the serial of a machine's change. */
export function fence(opened: OpenDatabase, holding: Holding, touch: (machine: string, serial: number) => void): Fence {
  const { db, holders, place, host } = opened
  const { token } = holding
  const log = logOf(db)
  let lost: unknown
  let ended = false
  let held = new Set<string>()
  let renewed = Number.NEGATIVE_INFINITY
  const quiet = new WeakSet<Write>()
  const isQuiet = (write: Write) => quiet.has(write)

  const stop = () => {
    clearInterval(alarm)
    queue.flush()
    ended = true
  }
  const leaseLost = () => {
    clearInterval(alarm)
    const problem = leaseLostProblem(opened, holding)
    lost = problem
    return problem
  }
  const renew = () => {
    const lease = leaseFromNow(opened.lease, host, wallSeconds(opened))
    if (holders.renew.run({ token, ...lease }).changes === 0) throw leaseLost()
    renewed = performance.now()
  }
  // Each write to a machine asks whether its lock is still held. One that is rolled back has renewed nothing, half a second at most.
  const renewInTime = () => {
    if (performance.now() - renewed > opened.lease.renewSeconds * 100) renew()
  }
  const keepAlive = () => {
    try {
      renew()
    } catch {
      // Nobody listens here. The next write meets the same trouble and reports it.
    }
  }
  const flush = db.transaction((writes: readonly Write[]) => {
    held = new Set()
    renewInTime()
    const serial = (writes.every(isQuiet) ? serialOf(db) : opened.bumpSerial.get()) ?? 0
    return writes.map((write) => write(serial))
  })
  const release = db.transaction((last: () => void) => {
    renew()
    last()
    holders.remove.run(token)
  })
  const commitDurably = (writes: readonly Write[]) => {
    if (lost !== undefined) throw lost
    return explaining(place, () => flush.immediate(writes))
  }
  const queue = writeQueue({
    commitDurably,
    commit: (writes) => withoutFlush(db, () => commitDurably(writes)),
    async flushLog() {
      try {
        await flushLog(db, log)
      } catch (error) {
        // From here on nobody knows what is on the disk: nothing may follow.
        lost = explained(error, place)
        throw lost
      }
    },
  })
  const alarm = setInterval(keepAlive, opened.lease.renewSeconds * 1000).unref()

  return {
    stop,
    isOver: () => ended || lost !== undefined,
    async add(write) {
      if (lost !== undefined) throw lost
      if (ended) throw new Error(`run ${holding.runId} has ended`)
      await queue.add(write)
    },
    addQuietly(write) {
      if (lost !== undefined || ended) return
      quiet.add(write)
      // Whatever is wrong, the next write that somebody waits for meets it too.
      queue.add(write).catch(() => undefined)
    },
    hold(machine, serial) {
      if (held.has(machine)) return
      if (holders.tokenOf.get(machine) !== token) throw leaseLost()
      touch(machine, serial)
      held.add(machine)
    },
    end(last) {
      queue.flush()
      if (lost !== undefined) throw lost
      if (ended) throw new Error(`run ${holding.runId} has ended`)
      explaining(place, () => release.immediate(last))
      stop()
    },
  }
}

function leaseLostProblem({ holders }: OpenDatabase, { runId, command, token, machines }: Holding): ProblemError {
  const takers = new Set([...machines].map((machine) => holders.tokenOf.get(machine)))
  const taker = holders.all.all().find((holder) => holder.token !== token && takers.has(holder.token))
  const whose = taker && `${printable(taker.who)} has them ("${printable(taker.command)}", pid ${taker.pid})`
  return problem('LEASE_LOST', `run ${runId} no longer holds its locks${whose ? `: ${whose}` : ''}`, {
    detail: 'it gave no sign of life for too long, or they were taken by hand; what it did since is not recorded',
    hint: `once nothing else runs on these machines: h2k ${command}`,
  })
}
