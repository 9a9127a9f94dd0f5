import type { Json } from '../core/json.ts'
import type { WorkspaceConfig } from '../core/language/workspace.ts'
import type { Plan } from '../core/plan.ts'
import type { Clock } from '../ports/clock.ts'
import type { Encryption } from '../ports/encryption.ts'
import type { JsonSchemas } from '../ports/json-schemas.ts'
import type { Notifier } from '../ports/notifier.ts'
import type { PolicyCommands } from '../ports/policies.ts'
import type { StateStore } from '../ports/state.ts'
import type { ParseCache, WorkspaceFiles } from '../ports/workspace-files.ts'
import type { Context } from './context.ts'
import type { Reached } from './run-stage.ts'

/** A workspace with everything connected that a use case needs. */
export interface Session {
  readonly version: string
  readonly config: WorkspaceConfig
  readonly files: WorkspaceFiles
  readonly cache: ParseCache
  readonly context: Context
  readonly clock: Clock
  /** Loaded when a workspace has some: that takes longer than most commands. */
  schemas(): Promise<JsonSchemas>
  readonly policies: PolicyCommands
  encryptionOf(path: string): Encryption
  readonly notifier: Notifier
  /** A plan as policies see it; `wanted` has its machines by name. */
  policyInput(plan: Plan, wanted: ReadonlyMap<string, Json>): Json
  /** `user@host` of whoever runs h2k. */
  readonly who: string
  /** The workspace's git commit; undefined where it is none. */
  commit(signal: AbortSignal): Promise<string | undefined>
  /** `read` never writes and shows a missing state as an empty one; `create` makes it; `write` refuses without one. */
  openState(mode: 'read' | 'write' | 'create', leftovers?: () => readonly string[]): StateStore
  readonly reached: Reached
}
