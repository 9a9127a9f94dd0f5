import type { Finding } from './outputs.ts'

/** What was found in a guest by reading its disks offline; kept in the state as it is. Absent means: not found out. */
export interface Inspection {
  readonly family: 'linux' | 'windows' | 'unknown'
  /** `ID` of os-release, such as `debian`, `rhel`, `opensuse-leap`; else `windows` or `unknown`. */
  readonly distribution: string
  /** `VERSION_ID` of os-release, or Windows' version and build; empty when unknown. */
  readonly version: string
  /** For a reader, such as `Debian GNU/Linux 12 (bookworm)`. */
  readonly title: string
  /** As the kernel names it, such as `x86_64`. */
  readonly architecture: string
  /** What the disks can boot by. */
  readonly boots: { readonly bios: boolean; readonly uefi: boolean }
  readonly bootLoader: 'grub2' | 'grub-legacy' | 'systemd-boot' | 'extlinux' | 'windows' | 'unknown'
  /** Device names as the appliance has them: /dev/sda is the machine's first disk. */
  readonly filesystems: readonly GuestFilesystem[]
  /** Whether any of these carries a file system of the guest. */
  readonly layers: readonly ('lvm' | 'luks' | 'md' | 'btrfs-subvolumes')[]
  readonly linux?: LinuxInspection
  readonly windows?: WindowsInspection
  readonly findings: readonly Finding[]
}

export interface GuestFilesystem {
  readonly device: string
  /** As blkid says it, such as `ext4`, `xfs`, `vfat`, `swap`, `ntfs`, `crypto_LUKS`. */
  readonly type: string
  readonly uuid?: string
  readonly label?: string
  /** Where the guest mounts it, after its fstab; for a subvolume the device repeats. */
  readonly mountpoint?: string
  readonly subvolume?: string
  /** Of one that the guest mounts. */
  readonly freeBytes?: number
}

export interface LinuxInspection {
  readonly fstab: readonly FstabEntry[]
  readonly crypttab: readonly { readonly name: string; readonly device: string }[]
  readonly kernels: readonly GuestKernel[]
  readonly initramfsTool: 'initramfs-tools' | 'dracut' | 'mkinitcpio' | 'mkinitfs' | 'unknown'
  /** How many times larger than it is an image made anew may be. */
  readonly initramfsGrowth?: number
  readonly packageSystem: 'dpkg' | 'rpm' | 'apk' | 'pacman' | 'unknown'
  /** Every system that configures the network, with the interfaces that its files name. */
  readonly network: readonly GuestNetwork[]
  readonly vmwareTools: { readonly packages: readonly string[]; readonly tarball: boolean }
  readonly machineId?: string
  readonly hostname?: string
  readonly selinux: 'enforcing' | 'permissive' | 'disabled' | 'absent'
  readonly init: 'systemd' | 'openrc' | 'sysvinit' | 'unknown'
  /** Where the manifest asked for it. */
  readonly info?: GuestInfo
}

/** What nothing is decided by, and a person may want to know. */
export interface GuestInfo {
  /** Who can log in. */
  readonly users: readonly {
    readonly name: string
    readonly uid: number
    readonly home: string
    readonly shell: string
  }[]
  readonly packages: readonly string[]
  /** Those that start with the guest. */
  readonly services: readonly string[]
}

export interface FstabEntry {
  /** The line of the file, counted from 1. */
  readonly line: number
  readonly spec: string
  readonly mountpoint: string
  readonly type: string
  readonly options: string
  /** The device that the spec means on these disks, where it could be told. */
  readonly device?: string
}

export interface GuestKernel {
  /** Its release, such as `6.1.0-28-cloud-amd64`. */
  readonly release: string
  /** Of the drivers that KVM's devices need. */
  readonly virtio: Readonly<Record<VirtioModule, 'builtin' | 'module' | 'absent'>>
  readonly initramfs?: {
    readonly path: string
    readonly holds: readonly VirtioModule[]
    /** Of its file. */
    readonly bytes?: number
  }
}

export const virtioModules = ['virtio_blk', 'virtio_scsi', 'virtio_net', 'virtio_pci'] as const
export type VirtioModule = (typeof virtioModules)[number]

/** The drivers that a kernel has as modules and its image does not hold; none of one without an image. */
export function lackingDrivers({ virtio, initramfs }: Omit<GuestKernel, 'release'>): readonly VirtioModule[] {
  return virtioModules.filter((name) => initramfs && virtio[name] === 'module' && !initramfs.holds.includes(name))
}

export interface GuestNetwork {
  readonly system: 'ifupdown' | 'netplan' | 'networkmanager' | 'networkd' | 'ifcfg' | 'wicked' | 'cloud-init' | 'udev'
  readonly interfaces: readonly {
    /** The file that names it. */
    readonly file: string
    readonly name?: string
    /** Lower case, with colons: the interface is matched by it. */
    readonly mac?: string
  }[]
}

export interface WindowsInspection {
  readonly build: number
  readonly edition: string
  readonly installation: 'client' | 'server'
  /** `CurrentControlSet` is this number's. */
  readonly controlSet: number
  readonly dirtyNtfs: boolean
  readonly hibernated: boolean
  readonly fastStartup: boolean
  readonly bitlocker: boolean
  readonly pendingReboot: boolean
  /** Of its system volume. */
  readonly freeBytes: number
}
