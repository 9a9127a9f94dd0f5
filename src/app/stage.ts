import { fingerprint } from '../core/fingerprint.ts'
import type { FileIdentity } from '../core/image.ts'
import { asJson, type Json } from '../core/json.ts'
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
  /** Where the manifest says what a problem is about. */
  place(path: readonly PropertyKey[]): Place
}

interface Definition<Name extends StageName, Input extends object> {
  readonly name: Name
  /** Counts up when the same input would give another output. */
  readonly version: number
  readonly after: readonly StageName[]
  /** Whether the manifest asks for it. */
  included?(machine: Machine): boolean
  claims?(machine: Machine): Claims
  /** Which of the host's tools it uses. */
  readonly tools?: readonly string[]
  /** What it will do, for a plan: a line, or a few. */
  describe(machine: Machine, usage: readonly DiskUsage[], root: string): string
  /** Everything the output depends on: its fingerprint decides whether to run again. */
  input(subject: Subject, upstream: StageOutputs, context: Context): Input
  /** Bytes to work through. */
  bytes?(input: Input): number
  /** Why the recorded output no longer holds; undefined while it does. */
  broken?(output: StageOutputs[Name], context: Context, known: Known): string | undefined
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
  included(machine: Machine): boolean
  claims(machine: Machine): Claims
  describe(machine: Machine, usage: readonly DiskUsage[], root: string): string
  prepare(subject: Subject, upstream: Partial<StageOutputs>, context: Context): Prepared
  broken(output: Json, context: Context, known: Known): string | undefined
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
    included: definition.included ?? (() => true),
    claims: definition.claims ?? (() => ({})),
    describe: definition.describe,
    prepare(subject, upstream, context) {
      // The graph guarantees that what a stage comes after is there.
      const input = definition.input(subject, upstream as StageOutputs, context)
      const hooks = hookIdentities(name, subject.machine, context)
      const kept = portable(hooks.length > 0 ? { ...input, hooks } : input, context.root)
      return {
        input: asJson(kept),
        fingerprint: fingerprint({ stage: name, version, input: kept }),
        bytes: definition.bytes?.(input) ?? 0,
        run: async (at, work) => asJson(await definition.run(input, at, work)),
      }
    },
    broken: (output, context, known) => definition.broken?.(output as unknown as StageOutputs[Name], context, known),
  }
}
