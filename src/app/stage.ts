import type { DescribedMachine } from '../core/described.ts'
import { portableFingerprint } from '../core/fingerprint.ts'
import type { FileIdentity } from '../core/image.ts'
import { asJson, type Json } from '../core/json.ts'
import type { Path } from '../core/layer.ts'
import type { Machine } from '../core/machine.ts'
import type { StageOutputs } from '../core/outputs.ts'
import type { Place } from '../core/problem.ts'
import { portable } from '../core/relocate.ts'
import type { Claims } from '../core/schedule.ts'
import type { StageName } from '../core/stage-names.ts'
import type { DiskUsage } from '../ports/source.ts'
import type { Work } from '../ports/work.ts'
import type { Context } from './context.ts'
import { hooksOf } from './stage-hooks.ts'
import type { Known } from './whereabouts.ts'

/** A machine and the files that its source consists of just now. */
export interface Subject {
  readonly machine: Machine
  readonly sourceFiles: readonly FileIdentity[]
  /** What its source says of it, where that says anything. */
  readonly described?: DescribedMachine
  /** Where the manifest says what a problem is about. */
  place(path: readonly PropertyKey[]): Place
  /** Where the first of these keys stands that git has; undefined when it has none of them. */
  said(paths: readonly Path[]): Place | undefined
}

/** What the stages before left; those that a manifest may leave out are not always there. */
export type Upstream = Omit<StageOutputs, 'inspect' | 'fix'> & Partial<Pick<StageOutputs, 'inspect' | 'fix'>>

interface Definition<Name extends StageName, Input extends object> {
  readonly name: Name
  /** Counts up when the same input would give another output. */
  readonly version: number
  readonly after: readonly StageName[]
  /** Whether the manifest asks for it. */
  included?(machine: Machine): boolean
  claims?(machine: Machine): Claims
  /** Slots that it does not give back when it is done: the next stage goes on with what was opened in them. */
  keeps?(machine: Machine): readonly string[]
  /** Stages whose files it reads when it runs. */
  reads?(machine: Machine): readonly StageName[]
  /** Which of the host's tools it uses. */
  readonly tools?: readonly string[]
  /** It only looks: no other stage reads what it leaves, so that it runs again makes none of them run. */
  readonly gate?: true
  /** What it will do, for a plan: a line, or a few. `recorded` are the outputs that still hold. */
  describe(machine: Machine, usage: readonly DiskUsage[], root: string, recorded: Partial<StageOutputs>): string
  /** Everything the output depends on: its fingerprint decides whether to run again. */
  input(subject: Subject, upstream: Upstream, context: Context): Input
  /** What of it is written down and decides; without it, all. It has to say all that the output depends on. */
  kept?(input: Input): object
  /** Bytes to work through. */
  bytes?(input: Input): number
  /** Why the recorded output no longer holds; undefined while it does. */
  broken?(
    output: StageOutputs[Name],
    context: Context,
    known: Known,
    signal: AbortSignal,
  ): Promise<string | undefined> | string | undefined
  /** Whether files that were only kept for later stages are gone. That alone does not make it run again. */
  gone?(output: StageOutputs[Name], context: Context): boolean
  run(input: Input, context: Context, work: Work): Promise<StageOutputs[Name]>
}

/** One run of a stage, ready to go. */
export interface Prepared {
  readonly input: Json
  readonly fingerprint: string
  readonly bytes: number
  run(context: Context, work: Work): Promise<Json>
}

/** A stage as the planner and the apply loop see it. */
export interface Stage {
  readonly name: StageName
  readonly after: readonly StageName[]
  readonly tools: readonly string[]
  readonly gate: boolean
  included(machine: Machine): boolean
  claims(machine: Machine): Claims
  keeps(machine: Machine): readonly string[]
  reads(machine: Machine): readonly StageName[]
  describe(machine: Machine, usage: readonly DiskUsage[], root: string, recorded: Partial<StageOutputs>): string
  prepare(subject: Subject, upstream: Partial<StageOutputs>, context: Context): Prepared
  broken(output: Json, context: Context, known: Known, signal: AbortSignal): Promise<string | undefined>
  gone(output: Json, context: Context): boolean
}

// A hook is part of what a stage does: another script, or another text in it, makes the stage run again.
function hookIdentities(stage: StageName, machine: Machine, { hooks }: Context): readonly Json[] {
  return hooksOf(stage, machine).map(({ point, hook }) => ({ id: `${point}/${hook.name}`, does: hooks.identity(hook) }))
}

/** Makes a stage of its definition: a function from a fingerprinted input to a recorded, verifiable output. */
export function stage<Name extends StageName, Input extends object>(definition: Definition<Name, Input>): Stage {
  const { name, version, after } = definition
  return {
    name,
    after,
    tools: definition.tools ?? [],
    gate: definition.gate ?? false,
    included: definition.included ?? (() => true),
    claims: definition.claims ?? (() => ({})),
    keeps: definition.keeps ?? (() => []),
    reads: definition.reads ?? (() => []),
    describe: definition.describe,
    prepare(subject, upstream, context) {
      // The graph guarantees that what a stage comes after is there.
      const input = definition.input(subject, upstream as Upstream, context)
      const hooks = hookIdentities(name, subject.machine, context)
      const told = definition.kept?.(input) ?? input
      const kept = hooks.length > 0 ? { ...told, hooks } : told
      return {
        // Mostly its fingerprint is enough.
        get input() {
          return asJson(portable(kept, context.root))
        },
        fingerprint: portableFingerprint({ stage: name, version, input: kept }, context.root),
        bytes: definition.bytes?.(input) ?? 0,
        run: async (at, work) => asJson(await definition.run(input, at, work)),
      }
    },
    broken: async (output, context, known, signal) =>
      await definition.broken?.(output as unknown as StageOutputs[Name], context, known, signal),
    gone: (output, context) => definition.gone?.(output as unknown as StageOutputs[Name], context) ?? false,
  }
}
