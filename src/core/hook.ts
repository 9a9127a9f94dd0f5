import type { Json } from './json.ts'

/** Where a machine's way can be hooked, in the order in which they come; `on_failure` whenever a stage fails. */
export const hookPoints = [
  'pre_extraction',
  'post_extraction',
  'pre_fix',
  'post_fix',
  'pre_convert',
  'post_convert',
  'post_validate',
  'pre_publish',
  'post_publish',
  'pre_cutover',
  'post_cutover',
  'on_failure',
] as const
export type HookPoint = (typeof hookPoints)[number]

export const retryStrategies = ['exponential', 'linear', 'constant'] as const

export interface HookRetry {
  /** Attempts after the first. */
  readonly maxRetries: number
  readonly initialDelaySeconds: number
  readonly strategy: (typeof retryStrategies)[number]
  readonly maxDelaySeconds: number
  readonly retryOnTimeout: boolean
  /** Each delay is cut by chance, to half of it at most, so that many machines do not retry at once. */
  readonly jitter: boolean
}

/** A template, or the name of a variable in h2k's own environment: its value is read when the hook runs, and hidden. */
export type HookText = string | { readonly env: string }

interface Common {
  /** `pre_fix[0]` where the manifest gives none. */
  readonly name: string
  /** That of the file that says it, absolute: the hook runs in it. */
  readonly folder: string
  readonly timeoutSeconds: number
  /** Whether the machine goes on when the hook failed. */
  readonly continueOnError: boolean
  /** A condition on the context; without it the hook always runs. */
  readonly when?: string
  readonly retry: HookRetry
}

/** An executable file, started by argv. */
export interface ScriptHook extends Common {
  readonly type: 'script'
  /** Absolute. */
  readonly path: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, HookText>>
  /** A template; relative to `folder`. */
  readonly workingDirectory: string
}

/** A function of a Python module. */
export interface PythonHook extends Common {
  readonly type: 'python'
  readonly module: string
  readonly function: string
  readonly args: Readonly<Record<string, Json>>
  /** Folders, absolute. */
  readonly pythonpath: readonly string[]
}

/** A function of a JavaScript module. */
export interface NodeHook extends Common {
  readonly type: 'node'
  /** Absolute. */
  readonly path: string
  readonly function: string
  readonly args: Readonly<Record<string, Json>>
}

/** A request to a web server. */
export interface HttpHook extends Common {
  readonly type: 'http'
  readonly url: HookText
  readonly method: string
  readonly headers: Readonly<Record<string, HookText>>
  readonly body?: Json
  /** `host` or `host:port` of servers that may have an address of this host or its link. */
  readonly allowHosts: readonly string[]
}

/** A hook with every default filled in. Its texts are templates, still to be rendered. */
export type Hook = ScriptHook | PythonHook | NodeHook | HttpHook

/** The hooks of a machine; each list in the order in which it runs. */
export type MachineHooks = Readonly<Partial<Record<HookPoint, readonly Hook[]>>>

/** Seconds to wait before the `n`-th retry, counted from 1. */
export function retryDelaySeconds(
  { strategy, initialDelaySeconds: delay, maxDelaySeconds }: HookRetry,
  n: number,
): number {
  const growth = { exponential: 2 ** (n - 1), linear: n, constant: 1 }
  return Math.min(delay * growth[strategy], maxDelaySeconds)
}
