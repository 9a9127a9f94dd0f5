import type { Json } from '../core/json.ts'
import type { InWorld } from '../core/made-as.ts'
import type {
  Artifact,
  Evidence,
  Foreseen,
  HistoryEntry,
  LockHolder,
  MachineRecord,
  OnRemove,
  RunRecord,
  Settled,
} from '../core/record.ts'
import type { RecordedName, StageName } from '../core/stage-names.ts'

/** How long a stage took for how many bytes, on this state's host. */
export interface Measurement {
  readonly bytes: number
  readonly seconds: number
}

/** The recorded state: what was done, by whom, and what h2k made. Reading needs no lock. */
export interface StateStore {
  /** Made once with the state and never changed: tells two states of one name apart. */
  readonly lineage: string
  /** Grows with every change. */
  serial(): number
  /** Every machine that was not forgotten; with `forgotten` those too. */
  machines(options?: { readonly forgotten?: boolean }): Map<string, MachineRecord>
  machine(name: string): MachineRecord | undefined
  /** The input that a stage's latest attempt was fingerprinted from. */
  recordedInput(machine: string, stage: RecordedName): Json | undefined
  artifact(path: string): Artifact | undefined
  artifacts(machine: string): readonly Artifact[]
  /** Of all machines, those whose paths begin with a folder, which ends with a slash. */
  artifactsIn(folder: string): readonly Artifact[]
  /** The newest `limit` done attempts of a stage that moved bytes. */
  measurements(stage: StageName, limit: number): readonly Measurement[]
  /** Seconds of the newest `limit` done attempts of a stage. */
  durations(stage: StageName, limit: number): readonly number[]
  runs(limit: number): readonly RunRecord[]
  run(id: string): RunRecord | undefined
  /** What the plan that a run carried out foresaw of it. */
  foreseen(runId: string): Foreseen | undefined
  /** How those of its machines ended that the history does not tell of. */
  settled(runId: string): readonly Settled[]
  /** Newest first. */
  history(options: {
    readonly machine?: string
    readonly run?: string
    readonly limit: number
  }): readonly HistoryEntry[]
  /**
   * What had been done with a machine by a moment (ISO 8601), also when it has another name by now; undefined where an earlier
   * version did some of that, and kept nothing of it.
   */
  evidence(machine: string, until: string): readonly Evidence[] | undefined
  locks(): readonly LockHolder[]
  /** The run that a plan was applied by. */
  planUse(planId: string): RunRecord | undefined
  /** Writes a copy of the whole state to a file that must not exist yet. */
  backup(path: string): Promise<void>
  /** Keeps a copy of the state as it is among its backups, of which the newest are kept; gives its path. */
  keep(): string
  /**
   * Takes over what another state holds, in one step; `run` is who did. Refused for a state of another lineage, or an older one,
   * unless forced.
   * @throws ProblemError STATE_DIFFERS, LOCKED
   */
  takeOver(
    other: { readonly path: string; readonly lineage: string; readonly serial: number },
    run: RunStart,
    force: boolean,
  ): void
  /**
   * Takes the locks of all named machines or none, and begins a run.
   * @throws ProblemError LOCKED, naming who holds one of them
   */
  begin(run: RunStart, machines: readonly string[]): StateWriter
  /** Takes the locks away from whoever holds them; returns those. Without names, all. */
  unlock(machines?: readonly string[]): readonly LockHolder[]
  close(): void
}

export interface RunStart {
  readonly id: string
  readonly command: string
  readonly who: string
  readonly commit?: string
  readonly version: string
  readonly startedAt: string
}

/** An attempt at a stage or a deed, written before it acts. */
export interface Intent {
  readonly machine: string
  readonly file: string
  readonly onRemove: OnRemove
  readonly stage: RecordedName
  readonly attempt: number
  readonly fingerprint: string
  readonly input: Json
  readonly bytes: number
  readonly startedAt: string
}

export interface Outcome {
  readonly machine: string
  readonly stage: RecordedName
  readonly finishedAt: string
  readonly seconds: number
}

/** A machine that was there before the state knew it, with what its stages and deeds would have left. */
export interface Adopted extends InWorld {
  readonly machine: string
  readonly file: string
  readonly onRemove: OnRemove
  readonly stages: readonly {
    readonly stage: RecordedName
    readonly fingerprint: string
    readonly input: Json
    readonly output: Json
  }[]
  /** What is h2k's own from now on. */
  readonly artifacts: readonly (Pick<Artifact, 'path' | 'stage' | 'fingerprint'> & { readonly evidence: Json })[]
  readonly at: string
}

/**
 * The one who may write, as long as it holds its locks. Each promise settles when its write is on the disk; writes
 * that arrive together share one flush.
 * @throws ProblemError LEASE_LOST from every write after somebody else took the locks; STATE_UNWRITABLE
 */
export interface StateWriter {
  readonly runId: string
  /** Fencing token: grows with every holder. */
  readonly token: number
  /** Before a saved plan is carried out. @throws ProblemError PLAN_USED */
  usePlan(planId: string): Promise<void>
  /** Before a plan is carried out: what it foresees, for the report. */
  foresee(foreseen: Foreseen): Promise<void>
  /** After it: how those ended of which the history tells nothing. */
  settle(settled: readonly Settled[]): Promise<void>
  started(intent: Intent): Promise<void>
  /** Written with the next flush; that it cannot be shows in the next write that is waited for. */
  progressed(machine: string, stage: StageName, bytesDone: number): void
  done(outcome: Outcome & { readonly output: Json; readonly tools: Readonly<Record<string, string>> }): Promise<void>
  failed(outcome: Outcome & { readonly status: 'failed' | 'interrupted'; readonly message: string }): Promise<void>
  /** Before something is made, so that what a crash leaves is known. */
  intend(artifact: Omit<Artifact, 'status' | 'evidence'>): Promise<void>
  /** After it is complete under its final name. */
  made(path: string, evidence: Json): Promise<void>
  /** After it was removed. */
  removed(path: string): Promise<void>
  /** Keeps what becomes of a machine that the state knows once it leaves git. */
  onRemove(machine: string, onRemove: OnRemove): Promise<void>
  /** `message` stays in the history. */
  forget(machine: string, at: string, message?: string): Promise<void>
  /** Gives a machine another name; its history before stays with the old one, and what was made for it keeps its names. */
  rename(from: string, to: string, at: string): Promise<void>
  /** Records a machine that was there before the state knew it, in one step, as if all of it had been done. */
  adopt(adopted: Adopted): Promise<void>
  /** Takes all that is recorded of a machine out of the state; what was made stays where it is. */
  drop(machine: string, at: string): Promise<void>
  /** Ends the run and gives the locks back; flushes what is pending. */
  end(finish: { readonly finishedAt: string; readonly exitCode: number }): Promise<void>
}
