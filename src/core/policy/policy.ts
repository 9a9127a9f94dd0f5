import type { DescribedMachine } from '../described.ts'
import type { Manifest } from '../language/manifest.ts'
import type { PolicyConfig } from '../language/policy.ts'
import type { Path } from '../layer.ts'
import type { Machine } from '../machine.ts'
import type { Plan, PlannedMachine } from '../plan.ts'
import type { Place } from '../problem.ts'

/** A machine of a plan with everything that rules may ask about it; what left git has only its part of the plan. */
export interface JudgedMachine {
  readonly planned: PlannedMachine
  readonly machine?: Machine
  readonly described?: DescribedMachine
  readonly manifest?: Manifest
  /** How long its copy is estimated to take, at the plan's rate. */
  readonly copySeconds?: number
}

/** A machine of git, chosen or not, as far as its turn depends on it. */
export interface WaveStanding {
  readonly name: string
  /** Index among the waves. */
  readonly wave: number
  /** The state says that everything of it was done. */
  readonly done: boolean
}

/** What rules look at. */
export interface PolicyView {
  readonly plan: Plan
  /** Those with which something is done, now or later. */
  readonly machines: readonly JudgedMachine[]
  readonly waves: readonly string[]
  readonly standings: readonly WaveStanding[]
  /** Whether what is written at an absolute path of this host ends on an encrypted disk. */
  encryptionOf(path: string): 'encrypted' | 'plain' | 'unknown'
  /** An absolute path for a reader: relative in the workspace. */
  shown(path: string): string
}

/** What breaks a rule, before anybody knows its line. */
export interface Breach {
  /** Absent for the plan as a whole. */
  readonly machine?: string
  /** What it is about, such as `vm.secureboot`. */
  readonly field: string
  /** Keys of the machine's layers that may say it, the one that decides first. */
  readonly keys?: readonly Path[]
  readonly evidence: string
}

type Rules = NonNullable<PolicyConfig['rules']>
export type PolicyRuleName = keyof Rules

/** A built-in rule. */
export interface PolicyRule<Name extends PolicyRuleName = PolicyRuleName> {
  readonly name: Name
  /** What to do about a breach: one command or one edit. */
  readonly hint: string
  look(view: PolicyView, setting: NonNullable<Rules[Name]>): readonly Breach[]
}

/** A breach of a rule in a plan, and what it comes to. */
export interface PolicyFinding {
  readonly rule: string
  readonly action: 'warn' | 'deny'
  /** Absent for the plan as a whole. */
  readonly machine?: string
  readonly field?: string
  readonly evidence: string
  /** Where git says what breaks the rule, else where the rule stands. */
  readonly at?: Place
  readonly hint?: string
  /** A waiver that fits: one that holds makes the finding harmless, one that ended does not. */
  readonly waiver?: { readonly by: string; readonly reason: string; readonly until: string; readonly expired: boolean }
}

/** Whether a finding counts: it is not waived. */
export function counts({ waiver }: PolicyFinding): boolean {
  return waiver === undefined || waiver.expired
}

/** Whether a finding keeps the plan from being applied. */
export function denies(finding: PolicyFinding): boolean {
  return finding.action === 'deny' && counts(finding)
}
