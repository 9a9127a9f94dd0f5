import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { problem } from '../../core/problem.ts'
import type { LockHolder } from '../../core/record.ts'
import type { StateStore } from '../../ports/state.ts'
import { backupBeforeCommand, copyState } from './backup.ts'
import { explaining } from './failure.ts'
import { standingOf } from './lease.ts'
import {
  type DatabaseOptions,
  lineageOf,
  type OpenDatabase,
  openDatabase,
  serialOf,
  wallSeconds,
} from './open-database.ts'
import { logReader } from './read-log.ts'
import { machineReader } from './read-machines.ts'
import { recordOf } from './rows.ts'
import { takeOver } from './take-over.ts'
import { type OpenWriter, openWriter } from './writer.ts'

/** The state in an open database. */
export function stateStore(options: DatabaseOptions): StateStore {
  const { db, place } = options
  const opened = openDatabase(options)
  const { runs } = opened
  const writers = new Set<OpenWriter>()
  const unlock = db.transaction((machines: readonly string[] | undefined) => takeLocks(opened, machines))
  const reader = { ...machineReader(db, place), ...logReader(db, place) }
  const isHeld = (machine: string) => [...writers].some(({ holds }) => holds(machine))
  const artifacts = rememberedWhile(isHeld, reader.artifacts)
  const machines = rememberedWhile(isHeld, reader.machine)
  const changed = (machine: string) => {
    artifacts.forget(machine)
    machines.forget(machine)
  }

  return {
    lineage: lineageOf(db),
    serial: () => explaining(place, () => serialOf(db)),
    machines: (which) => explaining(place, () => reader.machines(which)),
    machine: (name) => explaining(place, () => machines.of(name)),
    recordedInput: (machine, stage) => explaining(place, () => reader.recordedInput(machine, stage)),
    artifact: (path) => explaining(place, () => reader.artifact(path)),
    artifacts: (machine) => explaining(place, () => artifacts.of(machine)),
    artifactsIn: (folder) => explaining(place, () => reader.artifactsIn(folder)),
    measurements: (stage, limit) => explaining(place, () => reader.measurements(stage, limit)),
    durations: (stage, limit) => explaining(place, () => reader.durations(stage, limit)),
    history: (which) => explaining(place, () => reader.history(which)),
    runs: (limit) => explaining(place, () => runs.newest.all(limit).map(recordOf)),
    run: (id) =>
      explaining(place, () => {
        const row = runs.one.get(id)
        return row && recordOf(row)
      }),
    foreseen: (runId) => explaining(place, () => reader.foreseen(runId)),
    settled: (runId) => explaining(place, () => reader.settled(runId)),
    evidence: (machine, until) => explaining(place, () => reader.evidence(machine, until)),
    locks: () => explaining(place, () => judgedLocks(opened)),
    planUse: (planId) =>
      explaining(place, () => {
        const row = runs.byPlan.get(planId)
        return row && recordOf(row)
      }),
    async backup(path) {
      const target = resolve(path)
      if (existsSync(target)) throw existing(target)
      explaining({ ...place, path: target }, () => copyState(db, target))
    },
    keep: () => explaining(place, () => backupBeforeCommand(db, place.backups, serialOf(db))),
    takeOver: (other, run, force) => explaining(place, () => takeOver(opened, other, run, force)),
    begin(run, named) {
      const begun = explaining(place, () => openWriter(opened, run, named, changed))
      // Others may have written since this process held them.
      named.forEach(changed)
      writers.add(begun)
      return begun.writer
    },
    unlock: (machines) => explaining(place, () => unlock.immediate(machines)),
    close() {
      for (const writer of writers) writer.stop()
      db.close()
    },
  }
}

/** What stages ask for again and again: nobody else changes it while this process holds the machine. */
function rememberedWhile<Value>(isHeld: (machine: string) => boolean, read: (machine: string) => Value) {
  const known = new Map<string, Value>()
  return {
    of(machine: string): Value {
      if (!isHeld(machine)) {
        known.delete(machine)
        return read(machine)
      }
      const value = known.get(machine) ?? read(machine)
      known.set(machine, value)
      return value
    },
    forget: (machine: string) => void known.delete(machine),
  }
}

function judgedLocks(opened: OpenDatabase): readonly LockHolder[] {
  const { holders, host } = opened
  const standing = new Map(
    holders.all.all().map((holder) => [holder.token, standingOf(holder, host, wallSeconds(opened))]),
  )
  return holders.locks.all().map((lock) => ({ ...lock, alive: standing.get(lock.token) === 'alive' }))
}

function takeLocks(opened: OpenDatabase, machines: readonly string[] | undefined): readonly LockHolder[] {
  const { holders, clock } = opened
  const named = machines && new Set(machines)
  const taken = judgedLocks(opened).filter(({ machine }) => named?.has(machine) ?? true)
  const byToken = new Map(holders.all.all().map((holder) => [holder.token, holder]))
  for (const { machine, token } of taken) {
    const holder = byToken.get(token)
    if (holder !== undefined) holders.take(holder, machine, clock.now())
  }
  return taken
}

function existing(path: string) {
  return problem('OUTPUT_NOT_OURS', `${path}: there is a file of that name already`, {
    hint: 'name a file that does not exist yet',
  })
}
