import type { DomainPatch } from './domain-patch.ts'
import type { MachineHooks } from './hook.ts'
import type { ImageFormat } from './image.ts'

import type { InWorld } from './made-as.ts'

import type { RepairRequest } from './repair.ts'
import type { SourceDomain } from './source-domain.ts'
import type { Steering } from './steering.ts'

/** One machine as git wants it and as its source describes it: everything that the stages read. */
export interface Machine extends InWorld {
  readonly name: string
  /** The manifest, relative to the workspace. */
  readonly file: string
  /** The lowest goes first. */
  readonly priority: number
  /** The name of the wave that it goes with, where the workspace has waves. */
  readonly wave?: string
  readonly batch?: MachineBatch
  readonly source: MachineSource
  /** The domain that the source's files are the disks of, where git names it. */
  readonly sourceDomain?: SourceDomain
  readonly hardware: Hardware
  readonly disks: readonly Disk[]
  readonly nics: readonly Nic[]
  readonly conversion: Conversion
  /** Absent when the manifest does not ask for validation. */
  readonly validation?: Validation
  /** Absent when nobody asked for a look into the guest. */
  readonly inspection?: InspectionRequest
  /** Absent when the guest stays as it is. */
  readonly repair?: RepairRequest
  /** With `sata` what git wants on virtio is on SATA for now. Absent when the machine is not to boot in two phases. */
  readonly bootPhase?: 'sata' | 'virtio'
  /** Absent when the result is not booted. */
  readonly bootTest?: BootTest
  readonly target: MachineTarget
  readonly hooks: MachineHooks
  /** Names of machines that have to be done before. */
  readonly dependsOn: readonly string[]
  readonly steering: Steering
  /** Changes to the domain's XML, in this order. */
  readonly domainPatches?: readonly DomainPatch[]
  /** Keys that git sets and this version does not carry out, each with what it stands for. */
  readonly notApplied: readonly string[]
}

/** The batch that a machine goes with. */
export interface MachineBatch {
  /** `batch_id`, else the file. */
  readonly id: string
  /** Relative to the workspace. */
  readonly file: string
  /** At most so many of its machines at the same time. */
  readonly parallelLimit: number
  /** At most so many of its copies at the same time. */
  readonly copyLimit?: number
  /** Whether the others go on when one fails. */
  readonly continueOnError: boolean
  /** What is reported of it; absent where nobody named the machines. */
  readonly report?: {
    /** The machine's id in the batch. */
    readonly vmId: string
    /** Where the batch's reports go, absolute. */
    readonly directory: string
  }
}

/** Paths are absolute. `local` means image files of their own. */
export type MachineSource = { readonly provider: 'local' } | { readonly provider: 'ova' | 'ovf'; readonly path: string }

export interface Hardware {
  readonly cpus: number
  readonly memoryMib: number
  readonly firmware: 'bios' | 'uefi'
  readonly secureBoot: boolean
  /** UEFI firmware on the host of the domain, where that is not left to libvirt. Absolute. */
  readonly loader?: string
  /** What UEFI variables are begun with, likewise. */
  readonly nvramTemplate?: string
  readonly tpm: boolean
  readonly machineType: 'q35' | 'pc'
  readonly cpuMode: 'host-passthrough' | 'host-model' | 'maximum'
  /** What happens when the guest stops to answer; without it there is no watchdog. */
  readonly watchdog?: 'reset' | 'shutdown' | 'poweroff' | 'pause' | 'none' | 'inject-nmi'
  /** The guest's system in the source's words, such as `debian12_64Guest` or `linux`. */
  readonly os: string
}

export interface Disk {
  readonly id: string
  readonly label?: string
  /** What the guest sees. */
  readonly virtualBytes: number
  readonly from: DiskSource
  /** Of the source. */
  readonly datastore?: string
  /** `sha256:` and hex, of the image file. */
  readonly checksum?: string
  readonly bus: 'virtio' | 'scsi' | 'sata' | 'ide'
  /** Where the conversion writes it: always in the output folder. */
  readonly to: { readonly path: string; readonly format: OutputFormat }
  readonly place: DiskPlace
  readonly driver: DiskDriver
  readonly limits?: DiskLimits
  /** 1 boots first. */
  readonly bootOrder: number
}

/** An absolute path, or for an OVA or OVF the name in it. */
export interface DiskSource {
  readonly path: string
  readonly format: ImageFormat
}

/** How the target reads and writes a disk; what is absent is left to it. */
export interface DiskDriver {
  readonly cache?: 'none' | 'writeback' | 'writethrough' | 'directsync' | 'unsafe'
  readonly io?: 'threads' | 'native' | 'io_uring'
  /** Whether what the guest trims is given back. */
  readonly discard: 'unmap' | 'ignore'
}

/** In a second, reads and writes together. */
export interface DiskLimits {
  readonly iops?: number
  readonly bytesPerSecond?: number
}

/** What a NIC may send, and the same of what it may receive. */
export interface NicLimits {
  /** KiB in a second, on average. */
  readonly averageKib: number
  /** KiB in a second, for as long as a burst lasts. */
  readonly peakKib?: number
  /** KiB that go at the peak's speed. */
  readonly burstKib?: number
}

/** Where a converted disk belongs in the end. Another place moves it, and copies nothing from the source again. */
export type DiskPlace =
  /** Where the conversion wrote it. */
  | { readonly kind: 'output' }
  /** Absolute. */
  | { readonly kind: 'file'; readonly path: string }
  /** A pool of the target by name, and the volume's name in it. */
  | { readonly kind: 'pool'; readonly pool: string; readonly volume: string }

export type OutputFormat = 'qcow2' | 'raw' | 'vdi'

export interface Nic {
  readonly id: string
  readonly mac: string
  /** The network's name at the source; absent when the source names none. */
  readonly sourceNetwork?: string
  readonly attach: { readonly kind: 'bridge' | 'network'; readonly name: string; readonly openvswitch?: true }
  readonly vlan?: number
  readonly model: string
  readonly limits?: NicLimits
  readonly ip?: string
}

export interface Conversion {
  readonly compression?: 'zlib' | 'zstd'
  /** 1 to 9; absent for the one that the compression has without being told. */
  readonly compressionLevel?: number
  readonly preallocation: 'off' | 'metadata' | 'falloc' | 'full'
  /** Past the host's memory. */
  readonly direct?: true
  /** What of the guest's disks stays behind. */
  readonly skip?: readonly ['swap']
}

export interface Validation {
  readonly checkImage: boolean
  readonly compareSource: boolean
}

/** A trial boot of the result. */
export interface BootTest {
  readonly timeoutSeconds: number
  /** What the guest has to print on its serial port; without it a login prompt there, or an answer of its guest agent. */
  readonly expect?: string
}

export type MachineTarget = FilesTarget | LibvirtTarget

/** Disks and `domain.xml` in a folder. */
export interface FilesTarget {
  readonly kind: 'files'
  readonly connection: string
  readonly domainType: 'kvm' | 'qemu'
  /** Absolute. */
  readonly directory: string
}

/** What is looked for in the guest. */
export interface InspectionRequest {
  /** Users, packages and services too. */
  readonly collectGuestInfo: boolean
  readonly luksKeys: readonly LuksKey[]
}

/** Where the key to an encrypted disk is; never the key. */
export interface LuksKey {
  /** What it opens: `UUID=…` or `disk1p3`-like names of the appliance, such as `/dev/sda3`; without it, whatever fits. */
  readonly device?: string
  /** An absolute path, or the name of a variable of h2k's own environment. */
  readonly from: { readonly file: string } | { readonly env: string }
}

/** A domain in a libvirt. */
export interface LibvirtTarget {
  readonly kind: 'libvirt'
  readonly connection: string
  /** Where the disks are converted to, and `domain.xml` is written. Absolute. */
  readonly directory: string
  readonly uri: string
  /** What the domain is to be called. */
  readonly domain: string
  /** Absent: kvm where the host has it. */
  readonly domainType?: 'kvm' | 'qemu'
  /** Otherwise only the disks are placed. */
  readonly define: boolean
  readonly overwriteDomain: boolean
  readonly overwriteVolumes: boolean
  /** Where a pool is made that does not exist. */
  readonly poolPath: string
  /** The file with libvirt's XML of such a pool. Absolute. */
  readonly poolXml?: string
  /** Disks are moved into their pool instead of copied. */
  readonly move: boolean
  /** The name of a snapshot to take before the first boot. */
  readonly snapshot?: string
  /** Whether it starts with its host from its publishing on. */
  readonly autostart: boolean
  /** Its cutover is what has it start with its host. */
  readonly autostartAtCutover?: true
  /** Whether it is to run. */
  readonly running: boolean
}
