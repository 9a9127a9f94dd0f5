import type { ImageFormat } from './image.ts'

/** What a source says of a machine, before any of its disks was opened. Its strings are data, kept literally. */
export interface DescribedMachine {
  readonly name?: string
  readonly cpu?: number
  readonly memoryMib?: number
  readonly firmware?: 'bios' | 'uefi'
  readonly secureBoot?: boolean
  readonly tpm?: boolean
  /** VMware's name for the guest, such as `debian12_64Guest`, else the source's own number as text. */
  readonly osId?: string
  readonly osDescription?: string
  /** The one that the machine boots from first, then as its controllers count them. */
  readonly disks: readonly DescribedDisk[]
  readonly nics: readonly DescribedNic[]
  /** What is not carried over or was not checked, a sentence each. */
  readonly warnings: readonly string[]
}

export interface DescribedDisk {
  /** Unique within the machine, `^[a-zA-Z0-9_-]+$`. */
  readonly id: string
  readonly label?: string
  /** The file as the source names it, never a path. */
  readonly file: string
  /** What the guest sees. */
  readonly virtualBytes: number
  readonly fileBytes?: number
  readonly format: ImageFormat
  readonly bus: DiskBus
  /** The datastore that it lies on, where the source says it. */
  readonly datastore?: string
}

export type DiskBus = 'scsi' | 'sata' | 'ide' | 'nvme'

export interface DescribedNic {
  /** `nic0`, `nic1` … in order. */
  readonly id: string
  /** The source's name for the network; empty when it is connected to none. */
  readonly network: string
  /** Lower case with colons, `00:50:56:aa:bb:cc`. */
  readonly mac?: string
  /** Lower case: `vmxnet3`, `e1000e` … */
  readonly model?: string
}
