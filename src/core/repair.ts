import type { GuestConfiguration } from './language/guest-configuration.ts'
import type { Nic } from './machine.ts'
import type { Finding } from './outputs.ts'

/** `pipeline.fix` and `configuration`, with every default filled in: what a guest is changed for. */
export interface RepairRequest {
  /** Who repairs a Linux, where that is not h2k itself. Windows is repaired by virt-v2v in any case. */
  readonly fixer?: 'virt-v2v'
  /** Drivers for Windows: the ISO of virtio-win, or a folder with what is in it. Absolute. */
  readonly virtioWin?: string
  readonly backup: boolean
  readonly printFstab: boolean
  readonly updateGrub: boolean
  readonly regenerateInitramfs: boolean
  readonly fstabMode: 'stabilize-all' | 'bypath-only' | 'noop'
  readonly removeVmwareTools: boolean
  readonly networkMode: 'keep' | 'rename' | 'dhcp'
  readonly serialConsole: boolean
  /** What has no switch of its own: LVM's lists of disks, options of modules, the screen. */
  readonly adaptDrivers: boolean
  /** The NICs of the target in their order, with the names that Linux will give them and the MACs that they had. */
  readonly nics: readonly RepairNic[]
  readonly machineType: 'q35' | 'pc'
  /** `configuration` of the manifest. It holds hashes of passwords: only its fingerprint may be kept. */
  readonly configuration?: GuestConfiguration
}

export interface RepairNic extends Pick<Nic, 'id' | 'mac'> {
  /** At the source; absent when it is not known. */
  readonly sourceMac?: string
  /** What systemd will call it on the target, such as `enp1s0`; absent where the target alone knows. */
  readonly predictedName?: string
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

/** What a run of the repairs left behind. */
export interface RepairOutcome {
  readonly changes: readonly GuestChange[]
  /** What was seen and left as it is, and why. */
  readonly findings: readonly Finding[]
  /** The whole file, when it was asked for. */
  readonly fstab?: { readonly before: string; readonly after: string }
}
