import type { Manifest } from './language/manifest.ts'
import { printable } from './printable.ts'
import { formatSeconds } from './units.ts'

/** How a machine changes over, with every default filled in. */
export interface CutoverRequest {
  /** Not before this. ISO 8601. */
  readonly at?: string
  readonly requireApproval: boolean
  readonly verify: Verification
  readonly onFailure: 'rollback' | 'keep'
  /** How long it may take to shut down when it is taken back. */
  readonly shutdownSeconds: number
}

/** By what a machine shows that it works, besides that it runs: all of it, in time. */
export interface Verification {
  readonly timeoutSeconds: number
  readonly agent: boolean
  readonly tcp?: { readonly host: string; readonly port: number }
  /** Text on its serial port. */
  readonly expect?: string
}

/** What a manifest says of it. */
export function cutoverRequest({ cutover = {} }: Pick<Manifest, 'cutover'>): CutoverRequest {
  const { at, verify = {}, require_approval: requireApproval = false, on_failure: onFailure = 'rollback' } = cutover
  const { timeout_seconds: timeoutSeconds = 300, agent = false, tcp, expect } = verify
  return {
    ...(at === undefined ? {} : { at }),
    requireApproval,
    verify: {
      timeoutSeconds,
      agent,
      ...(tcp === undefined ? {} : { tcp: endpoint(tcp) }),
      ...(expect === undefined ? {} : { expect }),
    },
    onFailure,
    shutdownSeconds: cutover.shutdown_seconds ?? 120,
  }
}

function endpoint(text: string): { readonly host: string; readonly port: number } {
  const colon = text.lastIndexOf(':')
  return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) }
}

/** A verification for a reader. */
export function verificationText({ timeoutSeconds, agent, tcp, expect }: Verification): string {
  return [
    'it runs',
    ...(agent ? ['its guest agent answers'] : []),
    ...(tcp ? [`${tcp.host} takes connections at port ${tcp.port}`] : []),
    ...(expect === undefined ? [] : [`its serial port says ${printable(JSON.stringify(expect))}`]),
    `all within ${formatSeconds(timeoutSeconds)}`,
  ].join(', ')
}
