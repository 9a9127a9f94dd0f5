import type { Inspection, LinuxInspection } from '../../../core/inspection.ts'
import type { RepairRequest } from '../../../core/repair.ts'
import type { GuestTree } from '../../../ports/guest-tree.ts'
import type { ReadInitramfs } from '../inspect/kernels.ts'

/** A guest as the repairs see it. */
export interface Guest {
  readonly tree: GuestTree
  readonly inspection: Inspection
  readonly linux: LinuxInspection
  readonly request: RepairRequest
  readonly readInitramfs: ReadInitramfs
  /** Whether the guest's own tools run under software emulation, many times slower than they would on the guest. */
  readonly emulated: boolean
}

/**
 * One subject in which a guest is made ready for its target. `detect` only reads, and finds nothing in a guest that is ready
 * already. `earlier` is what the repairs before it would do, or did.
 */
export interface Repair {
  readonly name: string
  detect(guest: Guest, earlier: readonly Edit[]): Promise<readonly Edit[]>
}

export type Edit = WriteEdit | RemoveEdit | MoveEdit | ActEdit | LeaveEdit

interface Told {
  /** In a line, such as `/dev/sda1 -> UUID=…`. */
  readonly summary: string
  /** Whether images of the initramfs hold a copy of it, so that they have to be made anew. */
  readonly inInitramfs?: true
}

/** Gives a file its new content. */
export interface WriteEdit extends Told {
  readonly kind: 'write'
  readonly path: string
  readonly content: string
  /** For a new file; 0644 without it. */
  readonly mode?: number
  readonly owner?: { readonly uid: number; readonly gid: number }
  /** Whether nothing of the content may be shown. */
  readonly secret?: true
}

export interface RemoveEdit extends Told {
  readonly kind: 'remove'
  readonly path: string
}

/** Gives a file another name, and a content to go with it. */
export interface MoveEdit extends Told {
  readonly kind: 'move'
  readonly path: string
  readonly to: string
  readonly content: string
}

/** What the guest's own tools do. */
export interface ActEdit extends Told {
  readonly kind: 'act'
  readonly subject: string
  /** Paths that it makes or replaces. */
  readonly touches: readonly string[]
  /**
   * Resolves to what it came to, where that is another summary than the one before.
   * @throws ProblemError GUEST_REPAIR_FAILED or GUEST_SPACE_SHORT
   */
  perform(): Promise<string | undefined>
}

/** Nothing is done: something was seen that a person should know of. */
export interface LeaveEdit extends Told {
  readonly kind: 'leave'
  readonly subject: string
  readonly severity: 'info' | 'warning'
}

/** A file with its new content, where that is another one than it has. */
export function rewritten(path: string, before: string, after: string, summary: string): readonly WriteEdit[] {
  return before === after ? [] : [{ kind: 'write', path, content: after, summary }]
}
