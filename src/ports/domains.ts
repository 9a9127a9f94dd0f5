import type { Verification } from '../core/cutover.ts'
import type { RollbackOutput } from '../core/outputs.ts'

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

/** Switches machines on and off where they went. */
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
   * Turns a domain off, and leaves it and its disks as they are.
   * @throws ProblemError ROLLBACK_FAILED when it did not shut down in time and is not to be switched off; TARGET_UNREACHABLE
   */
  stop(domain: DomainPlace, off: TurningOff, signal: AbortSignal): Promise<RollbackOutput['off']>
}
