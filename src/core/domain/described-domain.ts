/** A domain as its XML describes it, whoever wrote it. Texts are literal; what the XML does not say is absent. */
export interface DescribedDomain {
  /** `kvm`, `qemu`, `xen`, `vmware` … */
  readonly type: string
  readonly name: string
  readonly uuid?: string
  /** What h2k wrote into the domain that it made. */
  readonly made?: DomainMark
  /** The id that libosinfo gives the system, such as `http://debian.org/debian/12`. */
  readonly osinfo?: string
  /** What the guest has at most. */
  readonly memoryBytes: number
  /** What it gets of that; absent when it is all. */
  readonly currentMemoryBytes?: number
  readonly cpus: number
  /** What can be plugged in while it runs; `cpus` where there is nothing. */
  readonly maximumCpus: number
  /** `host-passthrough`, `host-model`, `maximum`, `custom`. */
  readonly cpuMode?: string
  readonly cpuModel?: string
  /** `hvm`, or what is no whole machine: `linux`, `xen`, `exe`. */
  readonly osType: string
  /** `x86_64`, `aarch64` … */
  readonly arch?: string
  /** As it stands there, such as `pc-q35-8.2`. */
  readonly machineType?: string
  readonly firmware: DomainFirmware
  /** The kernel that the host gives the guest, instead of a boot loader. */
  readonly kernel?: string
  /** `hd`, `cdrom`, `network` … in the order in which they are tried. */
  readonly bootDevices: readonly string[]
  readonly clockOffset?: string
  /** Whether it has what only Windows makes use of. */
  readonly hyperv: boolean
  readonly tpm?: { readonly model?: string; readonly backend: string; readonly version?: string }
  /** What happens when the guest no longer answers it. It is among `devices` too. */
  readonly watchdog?: { readonly model?: string; readonly action: string }
  readonly disks: readonly DescribedDomainDisk[]
  readonly interfaces: readonly DomainInterface[]
  readonly controllers: readonly { readonly type: string; readonly index?: number; readonly model?: string }[]
  /** Every other device by the name of its element, in order. */
  readonly devices: readonly { readonly kind: string; readonly line: number }[]
  /** How its memory is kept from its host: `sev`, `s390-pv` … */
  readonly launchSecurity?: string
  /** Whether QEMU gets arguments that libvirt knows nothing of. */
  readonly extraArguments: boolean
  /** Where `<domain>` stands in its file. */
  readonly line: number
}

/** h2k's own part of a domain's metadata. */
export interface DomainMark {
  readonly workspace: string
  readonly name: string
  readonly os: string
  readonly nics: readonly { readonly mac: string; readonly sourceNetwork?: string; readonly ip?: string }[]
}

export interface DomainFirmware {
  readonly kind: 'bios' | 'uefi'
  /** Whether it refuses what nobody signed: with the secure variant of the firmware and its keys enrolled. */
  readonly secureBoot: boolean
  /** The secure variant, but told to start without keys. */
  readonly withoutKeys: boolean
  readonly loader?: string
  /** Whether the domain asks for a kind of firmware, and libvirt says which loader that is. */
  readonly chosen: boolean
  /** Whether it lies in flash that the guest cannot write to, with its variables in a file of their own. */
  readonly separate: boolean
  /** The file with the machine's own UEFI variables. */
  readonly nvram?: string
  /** How they are reached where they are in no file: `network`, `block`, `volume` … */
  readonly nvramElsewhere?: string
  readonly nvramTemplate?: string
}

/** An image that QEMU itself reads over the network. */
export interface NetworkSource {
  readonly kind: 'network'
  /** `rbd`, `nbd`, `iscsi` … */
  readonly protocol: string
  readonly name?: string
  readonly hosts?: readonly NetworkHost[]
  readonly auth?: NetworkAuth
}

export interface NetworkHost {
  readonly name: string
  /** Absent where it is the protocol's own. */
  readonly port?: string
}

/** By whose name and which of libvirt's secrets. */
export interface NetworkAuth {
  readonly user: string
  readonly secret: { readonly uuid: string } | { readonly usage: string }
}

/** Where the content of a disk is. */
export type DomainDiskSource =
  | { readonly kind: 'file' | 'block' | 'dir'; readonly path: string }
  | { readonly kind: 'volume'; readonly pool: string; readonly volume: string }
  | NetworkSource
  /** `nvme`, `vhostuser` and what is not known. */
  | { readonly kind: 'other'; readonly type: string }
  /** An empty drive. */
  | { readonly kind: 'none' }

export interface DescribedDomainDisk {
  /** `disk`, `cdrom`, `floppy`, `lun`. */
  readonly device: string
  readonly source: DomainDiskSource
  /** The name that libvirt gives it, such as `vda`; unique in the domain. */
  readonly target: string
  /** `virtio`, `scsi`, `sata`, `ide`, `usb`, `xen`, `fdc` …: what is written, else what the target's name stands for. */
  readonly bus: string
  /** QEMU's name for the format: `qcow2`, `raw`, `vpc` … */
  readonly format?: string
  readonly discard?: string
  readonly cache?: string
  readonly io?: string
  readonly serial?: string
  readonly limits: DomainDiskLimits
  /** In bytes, where it is not 512. */
  readonly sectorBytes?: number
  /** The image that it lies upon, where the XML says so. */
  readonly upon?: DomainDiskSource
  /** Whether it is a stretch of its source. */
  readonly sliced: boolean
  /** Whether what is written to it is thrown away. */
  readonly transient: boolean
  readonly bootOrder?: number
  readonly readOnly: boolean
  readonly shareable: boolean
  readonly encrypted: boolean
  readonly line: number
}

/** In a second, reads and writes together. */
export interface DomainDiskLimits {
  readonly iops?: number
  readonly bytesPerSecond?: number
}

/** KiB, KiB in a second. */
export interface DomainNicLimits {
  readonly average?: number
  readonly peak?: number
  readonly burst?: number
}

export interface DomainInterface {
  /** `network`, `bridge`, `direct`, `user` … */
  readonly type: string
  /** The network, bridge or device that it is connected to. */
  readonly source?: string
  readonly portgroup?: string
  /** Lower case with colons. */
  readonly mac?: string
  readonly model?: string
  /** One tag; a trunk has more. */
  readonly vlans: readonly number[]
  /** `openvswitch`, `802.1Qbh` … */
  readonly virtualport?: string
  readonly linkDown: boolean
  /** Whether a filter keeps something out. */
  readonly guarded: boolean
  /** Of what the guest receives, and of what it sends. */
  readonly inbound?: DomainNicLimits
  readonly outbound?: DomainNicLimits
  readonly bootOrder?: number
  readonly line: number
}
