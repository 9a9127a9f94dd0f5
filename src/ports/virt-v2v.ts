import type { RepairOutcome } from '../core/repair.ts'
import type { GuestDisks } from './guests.ts'

/** virt-v2v, which repairs a guest as a whole and in its own way. */
export interface VirtV2v {
  /** Its version. @throws ProblemError TOOL_MISSING */
  version(signal: AbortSignal): Promise<string>
  /** Where the program is that runs what virt-v2v leaves for the first boot of a Windows; undefined when there is none. */
  windowsHelper(): string | undefined
  /** The paths of the files in virtio-win, an ISO or a folder. @throws ProblemError FILE_UNREADABLE */
  drivers(virtioWin: string): Promise<readonly string[]>
  /**
   * Makes the overlays anew and repairs the guest in them, in appliances of its own.
   * @throws ProblemError GUEST_REPAIR_FAILED, TOOL_MISSING, TOOL_TIMEOUT; the signal's reason when aborted
   */
  repair(disks: GuestDisks, options: VirtV2vOptions, signal: AbortSignal): Promise<RepairOutcome>
}

export interface VirtV2vOptions {
  /** Drivers for Windows: an ISO or a folder. Absolute. */
  readonly virtioWin?: string
  /** Where all that it prints is kept. Absolute. */
  readonly log: string
}
