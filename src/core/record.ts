import type { Json } from './json.ts'
import type { InWorld } from './made-as.ts'
import type { Action } from './plan.ts'
import type { DeedName, RecordedName, StageName } from './stage-names.ts'
import type { PauseAfter } from './waves.ts'

/** How a stage stands in the state. `started` outlives its run only when h2k was killed. */
export type StageStatus = 'started' | 'done' | 'failed' | 'interrupted'

/** What the state knows of one stage of one machine, or of a deed: its latest attempt. */
export interface StageRecord<Name extends RecordedName = StageName> {
  readonly stage: Name
  readonly status: StageStatus
  /** Counted from 1. */
  readonly attempt: number
  readonly fingerprint: string
  /** Present when `status` is `done`. */
  readonly output?: Json
  /** Why it failed. */
  readonly message?: string
  /** Bytes of input that it worked through: with `seconds`, the measure of its rate. */
  readonly bytes: number
  /** Of those, while it runs or when it stopped. */
  readonly bytesDone: number
  readonly seconds: number
  /** Tool versions, such as `{"qemu-img": "7.2.22"}`. */
  readonly tools: Readonly<Record<string, string>>
  /** ISO 8601, UTC. */
  readonly startedAt: string
  readonly finishedAt?: string
  readonly runId: string
}

/** What becomes of what h2k made once a machine is no longer in git. */
export type OnRemove = 'forget' | 'destroy'

/** What the state knows of a machine. */
export interface MachineRecord extends InWorld {
  readonly name: string
  readonly file: string
  /** The state's serial at this machine's last change. */
  readonly serial: number
  /** Set when the machine left git; its history stays. */
  readonly forgottenAt?: string
  /** As git last said it: it counts when git says nothing any more. */
  readonly onRemove: OnRemove
  readonly stages: ReadonlyMap<StageName, StageRecord>
  readonly deeds: ReadonlyMap<DeedName, StageRecord<DeedName>>
}

/** Something that a stage made, or is about to make: what h2k may replace or remove later. */
export interface Artifact {
  /** An absolute path; what is no file of this host has an address, such as `qemu:///system#domain/UUID`. */
  readonly path: string
  readonly machine: string
  readonly stage: StageName
  readonly status: 'intended' | 'made'
  /** Fingerprint of what it was made from. */
  readonly fingerprint: string
  /** What its maker wants to know again when it resumes. */
  readonly evidence?: Json
}

/** One run of a command that changes the state. */
export interface RunRecord {
  readonly id: string
  readonly command: string
  /** `user@host`. */
  readonly who: string
  /** The workspace's git commit, where it is one. */
  readonly commit?: string
  readonly version: string
  readonly pid: number
  readonly startedAt: string
  readonly finishedAt?: string
  readonly exitCode?: number
  readonly planId?: string
}

/** What a plan foresaw of the run that applied it. */
export interface Foreseen {
  readonly readBytes: number
  readonly writeBytes: number
  /** Absent where nothing is copied. */
  readonly seconds?: number
  readonly basis?: string
  /** Those that were as git says. */
  readonly unchanged: number
  readonly waves: readonly { readonly name: string; readonly pauseAfter: PauseAfter }[]
  /** All others, in the order of the plan. */
  readonly machines: readonly ForeseenMachine[]
}

/** How a machine ended in a run that left nothing of it in the history. */
export interface Settled {
  readonly name: string
  readonly outcome: 'failed' | 'held'
  readonly why: string
}

export interface ForeseenMachine {
  readonly name: string
  readonly file: string
  readonly action: Action
  readonly wave?: string
  /** Those that were to run. */
  readonly stages: readonly StageName[]
  readonly readBytes: number
  readonly writeBytes: number
  /** If it ran alone. */
  readonly seconds?: number
  /** Why it could not be planned, or was left alone. */
  readonly why?: string
}

/** What was done with a machine by a moment, as its reports show it. Of some stages only the tools are kept. */
export type Evidence = Pick<StageRecord<RecordedName>, 'stage' | 'status' | 'tools' | 'output' | 'finishedAt'>

/** A line of `state history`: one attempt at one stage or deed, or a machine forgotten, renamed, removed or imported. */
export interface HistoryEntry {
  readonly at: string
  readonly runId: string
  readonly machine: string
  readonly stage?: RecordedName
  readonly event: 'done' | 'failed' | 'interrupted' | 'forgotten' | 'lost' | 'renamed' | 'removed' | 'imported'
  readonly attempt?: number
  /** Worked through. */
  readonly bytes?: number
  readonly seconds?: number
  readonly message?: string
}

/** Who holds a machine's lock. */
export interface LockHolder {
  readonly machine: string
  readonly token: number
  readonly who: string
  readonly host: string
  readonly pid: number
  readonly command: string
  readonly since: string
  /** Whether it still gives signs of life; the locks of one that does not are taken over by whoever wants them. */
  readonly alive: boolean
}
