import type { Boots } from '../ports/boots.ts'
import type { Clock } from '../ports/clock.ts'
import type { Disks } from '../ports/disks.ts'
import type { Domains } from '../ports/domains.ts'
import type { Files } from '../ports/files.ts'
import type { Hooks } from '../ports/hooks.ts'
import type { Source } from '../ports/source.ts'
import type { Target } from '../ports/target.ts'
import type { OpenGuests } from './open-guests.ts'

/** What the stages work with. */
export interface Context {
  readonly workspace: string
  /** The workspace's folder, absolute. */
  readonly root: string
  readonly files: Files
  readonly disks: Disks
  readonly source: Source
  readonly target: Target
  readonly domains: Domains
  readonly boots: Boots
  readonly clock: Clock
  readonly hooks: Hooks
  /** Who runs h2k, and where. */
  readonly host: { readonly user: string; readonly name: string }
  /** Appends to a machine's log of a run. */
  log(runId: string, machine: string, text: string): void
  /** The end of that log, from the start of a line; empty where there is none. */
  logTail(runId: string, machine: string, bytes: number): string
  /** The path of a file of a machine's own among the logs of a run, in a folder that is there. */
  logFile(runId: string, machine: string, name: string): string
  readonly concurrency: {
    readonly disk_io: number
    readonly guestfs: number
    readonly boot_test: number
    readonly global: number
  }
  readonly guests: OpenGuests
  /** For what can be lost. Absolute. */
  readonly workDirectory: string
}
