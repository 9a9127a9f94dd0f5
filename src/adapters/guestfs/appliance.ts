import { mkdir } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import type { Json } from '../../core/json.ts'
import { printable } from '../../core/printable.ts'
import { problem } from '../../core/problem.ts'
import type { Runner } from '../../ports/runner.ts'
import { applianceProgram } from './program.ts'
import { findPython } from './python.ts'

/** A call of libguestfs failed. */
export class CallError extends Error {
  override readonly name = 'CallError'
  /** Whether the appliance was told this by its kernel: a message ends with what strerror(3) makes of the number. */
  says(
    reason: 'No such file or directory' | 'Not a directory' | 'Too many levels of symbolic links' | 'Invalid argument',
  ) {
    return this.message.endsWith(`: ${reason}`)
  }
}

/** The answer of a call that may be refused; undefined when it was. */
export async function unlessRefused<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof CallError) return undefined
    throw error
  }
}

export interface CallOptions {
  readonly options?: Readonly<Record<string, Json>>
  readonly timeoutSeconds?: number
}

/** libguestfs' calls by name, https://libguestfs.org/guestfs.3.html. Bytes go and come as Uint8Array. */
export interface Appliance {
  /** @throws CallError; ProblemError GUEST_TIMEOUT, TOOL_FAILED when the appliance ended; the signal's reason */
  call<T>(name: string, args?: readonly (Json | Uint8Array)[], rest?: CallOptions): Promise<T>
  /** Ends it; what was written is on the overlays only after `shutdown`. */
  end(): Promise<void>
}

export interface ApplianceSettings {
  /** Absolute; libguestfs keeps its temporary files in it. Without it nothing can be launched. */
  readonly temporary?: string
  readonly emulated: boolean
}

const memoryMib = 1280
const callSeconds = 900
const launchSeconds = 600

/**
 * Starts the program that talks to libguestfs; the appliance itself starts with `launch`.
 * @throws ProblemError TOOL_MISSING when Python has no binding of libguestfs
 */
export async function startAppliance(
  runner: Runner,
  { temporary, emulated }: ApplianceSettings,
  signal: AbortSignal,
): Promise<Appliance> {
  if (temporary !== undefined) await mkdir(temporary, { recursive: true, mode: 0o700 })
  const conversation = runner.converse(
    {
      file: findPython(),
      args: ['-B', '-u', '-X', 'utf8', '-c', applianceProgram],
      env: {
        PATH: process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin',
        HOME: process.env.HOME ?? '/',
        LC_ALL: 'C',
        LIBGUESTFS_BACKEND: 'direct',
        ...(temporary === undefined ? {} : { LIBGUESTFS_TMPDIR: temporary }),
        ...(emulated ? { LIBGUESTFS_BACKEND_SETTINGS: 'force_tcg' } : {}),
      },
    },
    signal,
  )
  const call: Appliance['call'] = async <T>(
    name: string,
    args: readonly (Json | Uint8Array)[] = [],
    { options = {}, timeoutSeconds = name === 'launch' ? launchSeconds : callSeconds }: CallOptions = {},
  ) => {
    const line = JSON.stringify({ call: name, args: args.map(toWire), options })
    const answer = JSON.parse(await conversation.ask(line, timeoutSeconds)) as Answer
    if ('missing' in answer) return refuseMissing(answer.missing)
    if ('error' in answer) throw new CallError(printable(answer.error))
    return fromWire(answer.result) as T
  }
  const appliance = { call, end: () => conversation.end() }
  try {
    await call('set_memsize', [memoryMib])
    // Emulated processors wait for each other: a second one gains nothing, and costs a third of the time where others are busy.
    await call('set_smp', [emulated ? 1 : Math.min(4, availableParallelism())])
    return appliance
  } catch (error) {
    await appliance.end()
    throw error
  }
}

type Answer = { readonly missing: string } | { readonly error: string } | { readonly result: Json }

function refuseMissing(what: string): never {
  throw problem('TOOL_MISSING', `python3 has no libguestfs: ${printable(what)}`, {
    hint: 'apt-get install --no-install-recommends python3-guestfs libguestfs-tools',
  })
}

function toWire(value: Json | Uint8Array): Json {
  return value instanceof Uint8Array ? { base64: Buffer.from(value).toString('base64') } : value
}

function fromWire(value: Json): unknown {
  if (Array.isArray(value)) return value.map(fromWire)
  if (typeof value !== 'object' || value === null) return value
  const { base64 } = value as { base64?: unknown }
  if (typeof base64 === 'string' && Object.keys(value).length === 1)
    return new Uint8Array(Buffer.from(base64, 'base64'))
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, fromWire(member as Json)]))
}
