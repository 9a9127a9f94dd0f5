/** Where a problem stands: a file of the workspace, line and column counted from 1. */
export interface Place {
  readonly file: string
  readonly line?: number
  readonly column?: number
}

export type Severity = 'info' | 'warning' | 'error'

/** Every code that h2k can report. Closed, so that a reader can look each of them up. */
export type ProblemCode =
  // files of the workspace
  | 'WORKSPACE_MISSING'
  | 'WORKSPACE_EXISTS'
  | 'FILE_UNREADABLE'
  | 'FILE_TOO_LARGE'
  | 'SYNTAX'
  | 'ENCODING'
  | 'KEY_UNKNOWN'
  | 'KEY_MISSING'
  | 'VALUE_INVALID'
  | 'NOT_BUILT'
  | 'KEY_USELESS'
  | 'NAME_DUPLICATE'
  | 'OUTPUT_COLLISION'
  | 'TARGET_COLLISION'
  | 'NOTHING_INCLUDED'
  | 'SELECTS_NOTHING'
  | 'MACHINE_EXCLUDED'
  | 'CONNECTION_UNKNOWN'
  | 'MAPPING_NETWORK_MISSING'
  | 'MAPPING_MAC_MISSING'
  | 'MAPPING_DISK_MISSING'
  | 'MAC_COLLISION'
  | 'PROFILE_CYCLE'
  | 'PROFILE_UNKNOWN'
  | 'WAVE_UNKNOWN'
  | 'DEPENDENCY_CYCLE'
  | 'POLICY_DENIED'
  | 'POLICY_WARNED'
  // sources
  | 'SOURCE_MISSING'
  | 'SOURCE_UNREADABLE'
  | 'SOURCE_CHANGED'
  | 'SOURCE_COLLISION'
  | 'SOURCE_RUNNING'
  | 'SOURCE_DIFFERS'
  | 'IMAGE_UNKNOWN'
  | 'IMAGE_CORRUPT'
  | 'IMAGE_REFERS_OUTSIDE'
  | 'IMAGE_ABSURD'
  | 'IMAGE_UNSUPPORTED'
  | 'DISK_SIZE_DIFFERS'
  | 'CHECKSUM_DIFFERS'
  | 'ARCHIVE_HOSTILE'
  | 'ARCHIVE_CORRUPT'
  | 'OVF_INVALID'
  | 'OVF_UNSUPPORTED'
  | 'DOMAIN_INVALID'
  | 'DOMAIN_UNSUPPORTED'
  | 'XML_HOSTILE'
  | 'XML_INVALID'
  // work
  | 'TOOL_MISSING'
  | 'TOOL_FAILED'
  | 'TOOL_TIMEOUT'
  | 'IMPORT_REFUSED'
  | 'OUTPUT_NOT_OURS'
  | 'OUTPUT_UNWRITABLE'
  | 'SPACE_SHORT'
  | 'DESTROY_REFUSED'
  | 'RESULT_WRONG'
  | 'BOOT_FAILED'
  | 'CUTOVER_REFUSED'
  | 'CUTOVER_FAILED'
  | 'ROLLBACK_FAILED'
  | 'FAILPOINT'
  | 'INTERRUPTED'
  // guests
  | 'GUEST_REPAIR_FAILED'
  | 'GUEST_SPACE_SHORT'
  | 'GUEST_REFUSED'
  | 'GUEST_UNREADABLE'
  | 'GUEST_TIMEOUT'
  | 'GUEST_KEY_MISSING'
  | 'GUEST_CONFIGURATION_CONFLICT'
  // targets
  | 'TARGET_UNREACHABLE'
  | 'TARGET_FAILED'
  | 'TARGET_TAKEN'
  | 'TARGET_RUNNING'
  | 'TARGET_UNFIT'
  | 'DISK_WRITTEN'
  // hooks
  | 'TEMPLATE_INVALID'
  | 'HOOK_MISSING'
  | 'HOOK_FAILED'
  | 'HOOK_TIMEOUT'
  | 'HOOK_URL_DENIED'
  | 'NOTIFICATION_FAILED'
  // state and plans
  | 'STATE_CORRUPT'
  | 'STATE_NEWER'
  | 'STATE_LOST'
  | 'STATE_DIFFERS'
  | 'STATE_UNWRITABLE'
  | 'LOCKED'
  | 'LEASE_LOST'
  | 'ADDRESS_UNKNOWN'
  | 'PLAN_STALE'
  | 'PLAN_USED'
  | 'PLAN_ALTERED'
  | 'PLAN_UNSIGNED'
  | 'PLAN_KEY_INVALID'
  | 'PLAN_UNREADABLE'
  | 'APPROVAL_MISSING'
  | 'USAGE'
  | 'BUG'

/** One thing a user can act on. `hint` is one command or one edit. */
export interface Problem {
  readonly severity: Severity
  readonly code: ProblemCode
  readonly summary: string
  readonly detail?: string
  readonly hint?: string
  readonly at?: Place
  /** The machine or stage it is about, such as `machine.web01/convert`. */
  readonly address?: string
}

/** The one error that h2k throws on purpose. Anything else that is thrown is a bug in h2k. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[], options?: ErrorOptions) {
    super(problems.map((problem) => `${problem.code}: ${problem.summary}`).join('\n'), options)
    this.problems = problems
  }
}

/** Makes the error for a single problem, `error` in severity. */
export function problem(
  code: ProblemCode,
  summary: string,
  rest: Partial<Omit<Problem, 'code' | 'summary'>> = {},
): ProblemError {
  return new ProblemError([{ severity: 'error', code, summary, ...rest }])
}

/** The problems in whatever was thrown. What is no `ProblemError` is a bug, and told as one. */
export function problemsOrBug(thrown: unknown): readonly Problem[] {
  const summary = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)
  return problemsOf(thrown) ?? [{ severity: 'error', code: 'BUG', summary, hint: 'this is a bug in h2k' }]
}

/** The problems in whatever was thrown; undefined when it is no `ProblemError`, so a bug. */
export function problemsOf(thrown: unknown): readonly Problem[] | undefined {
  return thrown instanceof ProblemError ? thrown.problems : undefined
}

/** Makes a function that runs work and, where it throws problems, adds them to `problems` and gives undefined. */
export function collectingInto(problems: Problem[]): <T>(work: () => T) => T | undefined {
  return (work) => {
    try {
      return work()
    } catch (error) {
      const known = problemsOf(error)
      if (!known) throw error
      problems.push(...known)
      return undefined
    }
  }
}

/** What nobody threw on purpose. */
export function bugOf(thrown: unknown): Problem {
  const summary = thrown instanceof Error ? thrown.message.split('\n').join(' · ') : String(thrown)
  return { severity: 'error', code: 'BUG', summary, hint: 'this is a bug in h2k: H2K_DEBUG=1 shows where' }
}

/** Without repetitions: a file that many machines refer to is wrong once. */
export function eachOnce(problems: readonly Problem[]): readonly Problem[] {
  const keyOf = ({ at, code, summary, address }: Problem) => JSON.stringify([at ?? address, code, summary])
  const first = new Map<string, Problem>()
  for (const one of problems) if (!first.has(keyOf(one))) first.set(keyOf(one), one)
  return [...first.values()]
}
