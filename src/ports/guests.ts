import type { ImageLocation } from '../core/image.ts'
import type { Inspection } from '../core/inspection.ts'
import type { LuksKey } from '../core/machine.ts'
import type { RepairOutcome, RepairRequest } from '../core/repair.ts'
import type { VirtV2v } from './virt-v2v.ts'

/** A machine's disks, in their order, and where its guest is looked into. */
export interface GuestDisks {
  /** Absolute, the machine's own: overlays and temporary files go there. */
  readonly folder: string
  readonly disks: readonly {
    readonly id: string
    /** Only read. */
    readonly image: ImageLocation
    /** Absolute; the qcow2 over it that takes what is written. */
    readonly overlay: string
  }[]
  /** What opens encrypted disks. */
  readonly luksKeys: readonly LuksKey[]
}

/** An appliance with a guest's disks in it. */
export interface Guest {
  /**
   * Looks without changing anything.
   * @throws ProblemError GUEST_UNREADABLE, TOOL_FAILED, TOOL_TIMEOUT
   */
  inspect(options: { readonly collectGuestInfo: boolean }): Promise<Inspection>
  /**
   * Makes it ready for its target, and gives freed blocks back. When it fails the overlays are worth nothing.
   * @throws ProblemError GUEST_…, TOOL_…
   */
  repair(inspection: Inspection, request: RepairRequest): Promise<RepairOutcome>
  /** Ends the appliance when all that was written is in the overlays. */
  finish(): Promise<void>
  /** Ends it at once. */
  abandon(): Promise<void>
}

/** Guests, offline. Sources are never written: what is changed goes into overlays. */
export interface Guests {
  /**
   * Makes the overlays anew, or takes them with what is written in them, and starts an appliance over them. All keys have to be
   * there, whatever turns out to be encrypted.
   * @throws ProblemError GUEST_KEY_MISSING, TOOL_MISSING, TOOL_FAILED, TOOL_TIMEOUT; the signal's reason when aborted
   */
  open(disks: GuestDisks, signal: AbortSignal, overlays?: 'written'): Promise<Guest>
  /** The tools that do it, with their versions; TOOL_MISSING where one is not there. */
  tools(signal: AbortSignal): Promise<Readonly<Record<string, string>>>
  readonly virtV2v: VirtV2v
}
