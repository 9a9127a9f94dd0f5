import type { Verification } from '../core/cutover.ts'
import type { WentOff } from '../core/outputs.ts'
import type { SourceDomain } from '../core/source-domain.ts'
import type { SourceMark } from '../core/source-mark.ts'

/** A domain by where it is and what never changes of it. */
export interface DomainPlace {
  readonly uri: string
  readonly uuid: string
  readonly name: string
}

export interface TurningOff {
  /** How long it may take to shut down by itself. */
  readonly seconds: number
  /** Whether it is switched off then. */
  readonly force: boolean
}

/** A domain as it is now. */
export interface SeenDomain {
  readonly place: DomainPlace
  readonly on: boolean
  readonly autostart: boolean
  /** Its memory was saved to go on with: its disks are not what it believes them to be. */
  readonly saved: boolean
  /** libvirt still knows it when it is off. */
  readonly persistent: boolean
  /** The files, absolute, that it writes, or will when it is started; of what is no file or volume there is nothing here. */
  readonly writes: readonly string[]
  /** What another host says of those files, as far as it says anything; absent for a domain of this host. */
  readonly elsewhere?: ReadonlyMap<string, FileThere>
}

/** A file as its host sees it. */
export interface FileThere {
  readonly bytes: number
  /** Since 1970, with fractions. */
  readonly modifiedSeconds: number
}

/** `marked otherwise`: somebody else gave it another name, or it is tagged for another machine. `missing`: no such domain. */
export type MarkStanding = 'marked' | 'not marked' | 'marked otherwise' | 'missing'

export interface MarkFault {
  readonly summary: string
  readonly hint: string
}

/** Switches machines on and off, where they went and where they come from. */
export interface Domains {
  /** @throws ProblemError TARGET_UNREACHABLE: what cannot be seen is not gone */
  standing(domain: DomainPlace, signal: AbortSignal): Promise<'on' | 'off' | 'missing'>
  /**
   * Starts a domain, also one that is on already, and settles with how it showed that it works, in words. What a serial port
   * said before nobody kept: where text is expected of one that is on already, it is turned off first, as `off` says.
   * @throws ProblemError CUTOVER_FAILED when it did not show it in time, or stopped; TARGET_UNREACHABLE, TARGET_FAILED
   */
  start(domain: DomainPlace, verify: Verification, off: TurningOff, signal: AbortSignal): Promise<readonly string[]>
  /** Has a domain start with its host, or not. @throws ProblemError TARGET_UNREACHABLE, TARGET_FAILED */
  startWithHost(domain: DomainPlace, on: boolean, signal: AbortSignal): Promise<void>
  /**
   * Turns a domain off, and leaves it and its disks as they are. `still on`: it did not shut down in time, and is not to be
   * switched off.
   * @throws ProblemError TARGET_UNREACHABLE, TARGET_FAILED
   */
  stop(domain: DomainPlace, off: TurningOff, signal: AbortSignal): Promise<WentOff | 'still on'>
  /**
   * Looks at the domain that a machine comes from.
   * @throws ProblemError SOURCE_MISSING, TARGET_UNREACHABLE, TARGET_FAILED
   */
  look(domain: Pick<SourceDomain, 'uri' | 'name' | 'uuid'>, signal: AbortSignal): Promise<SeenDomain>
  /** Why a source cannot be marked; none where it is. @throws ProblemError TARGET_UNREACHABLE, TARGET_FAILED */
  markFaults(mark: SourceMark, signal: AbortSignal): Promise<readonly MarkFault[]>
  /** Marks a source that is off; fine when it is marked. @throws ProblemError TARGET_UNREACHABLE, TARGET_FAILED */
  mark(mark: SourceMark, signal: AbortSignal): Promise<void>
  /** Takes a mark away, and settles with how it stood before. @throws ProblemError TARGET_UNREACHABLE, TARGET_FAILED */
  unmark(mark: SourceMark, signal: AbortSignal): Promise<MarkStanding>
  /** @throws ProblemError TARGET_UNREACHABLE */
  markStanding(mark: SourceMark, signal: AbortSignal): Promise<MarkStanding>
  /** Starts a domain that is off, and does not wait for what it does then. @throws ProblemError TARGET_UNREACHABLE, TARGET_FAILED */
  turnOn(domain: DomainPlace, signal: AbortSignal): Promise<'started' | 'was on'>
}
