import type { DomainDisk } from '../core/domain-disks.ts'
import type { Domain } from '../core/domain-xml.ts'
import type { DriftFinding } from '../core/drift.ts'
import type { FileIdentity } from '../core/image.ts'
import type { Json } from '../core/json.ts'
import type { Conversion, DiskPlace, LibvirtTarget } from '../core/machine.ts'
import type { PublishOutput } from '../core/outputs.ts'
import type { Problem } from '../core/problem.ts'
import type { Artifact } from '../core/record.ts'
import type { Remains } from '../core/removal.ts'
import type { Work } from './work.ts'

export type PublishInput = PublishFiles | PublishDomain

/** Disks and `domain.xml` in a folder. */
export interface PublishFiles extends Domain {
  readonly kind: 'files'
  /** Absolute. */
  readonly directory: string
  readonly disks: readonly PublishDisk[]
}

/** `to` is where it was converted, until it is in its place. */
export interface PublishDisk extends DomainDisk {
  readonly place: DiskPlace
  /** Hex, of the converted file; absent for one that stays where it is. */
  readonly sha256?: string
}

/** One that belongs into a pool. */
export interface PooledDisk extends PublishDisk {
  readonly place: Extract<DiskPlace, { readonly kind: 'pool' }>
}

/** Where a disk goes, and how it gets there. */
export interface Destination {
  /** What the state calls it: an absolute path on this host, else an address with a scheme. */
  readonly path: string
  /** Where the target finds it, when that is no file of this host. */
  readonly source?: DomainDisk['source']
  /** It may take the place of something that h2k did not make. */
  readonly overwrite?: boolean
  /** What it was made from stays where it is. */
  readonly keeps?: boolean
  /**
   * Brings the disk there, from a file of this host that may be gone afterwards, over whatever has that name. Under its
   * name it is complete and on the disk.
   * @throws ProblemError RESULT_WRONG when it is not what `sha256` says; SPACE_SHORT, OUTPUT_UNWRITABLE
   */
  take(from: string, sha256: string, work: Pick<Work, 'signal' | 'progress'>): Promise<FileIdentity>
}

/** A domain; which kind of virtualisation it gets, its host decides. */
export interface PublishDomain extends Omit<Domain, 'type' | 'nvram' | 'domainName'> {
  readonly kind: 'libvirt'
  /** Absolute. */
  readonly directory: string
  readonly disks: readonly PublishDisk[]
  readonly libvirt: Omit<LibvirtTarget, 'kind' | 'connection' | 'directory'>
}

/** What publishing leaves, apart from where the disks went. */
export type Published = Omit<PublishOutput, 'placed'>

/** What can be seen of a target beforehand. */
export interface Prospect {
  /** What is in the way. */
  readonly problems: readonly Problem[]
  /** Where disks for a pool will be, by their ids; absent for those of which nobody knows yet. */
  readonly places: ReadonlyMap<string, PoolPlace>
}

/** Where a disk for a pool will be. */
export interface PoolPlace {
  /** What the state will call it. */
  readonly path: string
  /** The pool, where it is no folder of this host. */
  readonly pool?: { readonly name: string; readonly freeBytes: number }
  /** Holes take room there as well. */
  readonly thick: boolean
}

/** What there is of a machine that the state does not know, as far as it is not its disks. */
export interface FoundTarget {
  /** As publishing would have left it: where the two differ, what is wanted. */
  readonly published: Published
  /** What is there, by what the state calls it. */
  readonly artifacts: readonly { readonly path: string; readonly evidence: Json }[]
  /** What publishing would change, in words. */
  readonly differences: readonly string[]
}

/** A volume of which the state does not know. */
export interface FoundVolume {
  /** What the state calls it: where that is a path of this host, it is a file like any other. */
  readonly path: string
  readonly volume?: {
    readonly source: NonNullable<DomainDisk['source']>
    readonly file: FileIdentity
    /** libvirt's word. */
    readonly format: string
    /** What the guest sees; of a raw one at most. */
    readonly virtualBytes: number
    /** Hex. Reads it whole. */
    sha256(signal: AbortSignal): Promise<string>
  }
}

/** What somebody has to know who reads the disks. */
export type CheckedDisks = Pick<Conversion, 'compression'>

/** Where machines of one kind go. */
export interface TargetFor<Input extends PublishInput> {
  /**
   * Looks for what would keep `publish` from its work, before anything is copied; settles with what it found, in words.
   * @throws ProblemError TARGET_UNREACHABLE, TARGET_TAKEN, TARGET_RUNNING, TARGET_UNFIT
   */
  check(input: Input, work: Pick<Work, 'signal' | 'owned'>, disks: CheckedDisks): Promise<readonly string[]>
  /**
   * Looks at the target before anything is planned to run there. Changes nothing.
   * @throws ProblemError TARGET_UNREACHABLE
   */
  foresee(input: Input, work: Pick<Work, 'signal' | 'owned'>): Promise<Prospect>
  /**
   * Looks for a machine that is there already; its disks have the paths that they have. Changes nothing.
   * @throws ProblemError IMPORT_REFUSED when it is not there or is another one, TARGET_UNREACHABLE
   */
  find(input: Input, options: { readonly cutOver: boolean }, signal: AbortSignal): Promise<FoundTarget>
  /** Makes the machine usable from its disks, each in its place. */
  publish(input: Input, work: Work): Promise<Published>
  /**
   * The published machine against what was recorded of it.
   * @throws ProblemError TARGET_UNREACHABLE: what cannot be seen is not gone
   */
  drift(output: PublishOutput, signal: AbortSignal): Promise<readonly DriftFinding[]>
  /**
   * Begins to look at what stages made: for one plan, or for the removal of one machine, since what was seen is not asked for
   * again. `going` is all that would be removed.
   */
  sight(going?: readonly Artifact[]): Sight
}

/** What there is of what stages made, and its end. */
export interface Sight {
  /** What is there of something that a stage made. Only looks. */
  remains(artifact: Artifact, signal: AbortSignal): Promise<Remains>
  /**
   * Removes something that a stage made, and what an unfinished attempt at it left; settles when that will not come back
   * after a crash. Fine when it is gone already.
   * @throws ProblemError DESTROY_REFUSED
   */
  destroy(artifact: Artifact, signal: AbortSignal): Promise<void>
}

/** Where machines go. */
export interface Target extends TargetFor<PublishInput> {
  /**
   * Which of these, that the state knows by an address and not by a path, are not there any more.
   * @throws ProblemError TARGET_UNREACHABLE, TARGET_UNFIT: what cannot be seen is not gone
   */
  gone(artifacts: readonly Artifact[], signal: AbortSignal): Promise<ReadonlySet<string>>
  /** Every file that publishing writes. */
  paths(input: Pick<PublishInput, 'directory'>): readonly string[]
  /**
   * Keeps disks from being replaced under a machine that runs from them; `artifacts` are all that h2k made of it.
   * @throws ProblemError TARGET_RUNNING, TARGET_UNREACHABLE
   */
  refuseRunning(artifacts: readonly Artifact[], signal: AbortSignal): Promise<void>
  /** A volume in one of the target's pools. @throws ProblemError TARGET_UNFIT, TARGET_TAKEN, TARGET_FAILED */
  volume(input: PublishInput, disk: PooledDisk, work: Work): Promise<Destination>
  /** Such a volume that is there already. @throws ProblemError IMPORT_REFUSED, TARGET_UNFIT, TARGET_UNREACHABLE */
  findVolume(input: PublishInput, disk: PooledDisk, signal: AbortSignal): Promise<FoundVolume>
}
