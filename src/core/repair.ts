import type { Nic } from './machine.ts'

/** `pipeline.fix` and `configuration`, with every default filled in: what a guest is changed for. */
export interface RepairRequest {
  readonly backup: boolean
  readonly printFstab: boolean
  readonly updateGrub: boolean
  readonly regenerateInitramfs: boolean
  readonly fstabMode: 'stabilize-all' | 'bypath-only' | 'noop'
  readonly removeVmwareTools: boolean
  readonly networkMode: 'keep' | 'rename' | 'dhcp'
  readonly serialConsole: boolean
  /** The NICs of the target in their order, with the names that Linux will give them and the MACs that they had. */
  readonly nics: readonly RepairNic[]
  readonly machineType: 'q35' | 'pc'
}

export interface RepairNic extends Pick<Nic, 'id' | 'mac'> {
  /** At the source; absent when it is not known. */
  readonly sourceMac?: string
  /** What systemd will call it on the target, such as `enp1s0`. */
  readonly predictedName: string
}

/** One thing that a repair changes in a guest, before or after it does. */
export interface GuestChange {
  /** The repair, such as `fstab`. */
  readonly repair: string
  /** What is changed, such as `/etc/fstab` or `initramfs of 6.1.0-28-amd64`. */
  readonly subject: string
  /** In a line, such as `/dev/sda1 -> UUID=…`. */
  readonly summary: string
  /** A unified diff, for files that are text. */
  readonly diff?: string
}
