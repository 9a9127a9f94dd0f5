import type { Clock } from '../ports/clock.ts'
import type { Disks } from '../ports/disks.ts'
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
  readonly clock: Clock
  readonly hooks: Hooks
  /** Who runs h2k, and where. */
  readonly host: { readonly user: string; readonly name: string }
  /** Appends to a machine's log of a run. */
  log(runId: string, machine: string, text: string): void
  readonly concurrency: { readonly disk_io: number; readonly guestfs: number; readonly global: number }
  readonly guests: OpenGuests
  /** For what can be lost. Absolute. */
  readonly workDirectory: string
}
