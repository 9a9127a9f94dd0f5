import type { BootTest, Disk, Hardware, Nic } from '../core/machine.ts'
import type { BootTestOutput } from '../core/outputs.ts'

/** A machine as it is booted for a trial. */
export interface TrialMachine {
  readonly hardware: Omit<Hardware, 'os' | 'cpuMode'>
  /** In the guest's order; each is a file of this host. */
  readonly disks: readonly (Pick<Disk, 'id' | 'bus' | 'bootOrder'> & Disk['to'])[]
  readonly nics: readonly Pick<Nic, 'mac' | 'model'>[]
}

/** Where a trial leaves what it saw. */
export interface TrialFiles {
  /** The serial port's output, bounded. */
  readonly log: string
  /** The screen as PNG, when the guest did not come up. */
  readonly screen: string
}

/** Machines that are booted to see whether they do. */
export interface Boots {
  /**
   * Boots a machine until it shows that it is up, on overlays that are thrown away and without a way to the outside. Nothing
   * of it runs any more when this settles.
   * @throws ProblemError BOOT_FAILED, TOOL_MISSING, TOOL_FAILED
   */
  boot(machine: TrialMachine, test: BootTest, files: TrialFiles, signal: AbortSignal): Promise<BootTestOutput>
}
