import type { RepairRequest } from '../../src/core/repair.ts'

/** What `pipeline.fix` asks for by default, and that VMware's tools go. */
export const usualRepair: Omit<RepairRequest, 'nics'> = {
  backup: true,
  printFstab: false,
  updateGrub: true,
  regenerateInitramfs: true,
  fstabMode: 'stabilize-all',
  removeVmwareTools: true,
  networkMode: 'rename',
  serialConsole: false,
  adaptDrivers: true,
  machineType: 'q35',
}
