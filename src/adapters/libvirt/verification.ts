import { setTimeout as sleep } from 'node:timers/promises'
import type { Verification } from '../../core/cutover.ts'
import { printable } from '../../core/printable.ts'
import { problem, problemsOf } from '../../core/problem.ts'
import { formatSeconds } from '../../core/units.ts'
import type { DomainPlace } from '../../ports/domains.ts'
import type { Virsh } from './virsh.ts'

const secondsBetweenLooks = 1

/** What a serial port shows. */
interface SerialSign {
  readonly up: boolean
  /** The line. */
  readonly saw: string
}

/** By what else than libvirt's word a machine shows that it works. */
export interface Signs {
  /** Whether a server takes connections. */
  reach(host: string, port: number, signal: AbortSignal): Promise<boolean>
  /** Watches what a serial port says for a text, and for signs that it will not come. */
  serialPort(expect: string): { take(text: string): SerialSign | undefined; lastLines(count: number): string }
  /** Attaches to a domain's serial port until it is aborted; `onText` gets what it says after `onAttached` was called. */
  attach(
    domain: DomainPlace,
    heard: { onAttached(): void; onText(text: string): void },
    signal: AbortSignal,
  ): Promise<void>
}

/** One thing to wait for: settles with what was seen, in words. */
interface Check {
  readonly missing: string
  wait(signal: AbortSignal): Promise<string>
}

/**
 * Waits until a domain that is on has shown all that is asked of it; settles with what was seen, in words.
 * @throws ProblemError CUTOVER_FAILED when it did not in time, or stopped; what keeps one from looking
 */
export async function watchFor(
  virsh: Virsh,
  domain: DomainPlace,
  verify: Verification,
  signs: Signs,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const over = new AbortController()
  const within = AbortSignal.any([signal, over.signal])
  const { checks, lastLines } = checksOf(virsh, domain, verify, signs)
  const missing = new Set(checks.map((check) => check.missing))
  const timer = setTimeout(() => {
    const why = missing.size > 0 ? [...missing].join(', ') : 'it was not running'
    over.abort(failed(`${why}, after ${formatSeconds(verify.timeoutSeconds)}`, lastLines()))
  }, verify.timeoutSeconds * 1000)
  try {
    const seen = checks.map(async (check) => {
      const what = await check.wait(within)
      missing.delete(check.missing)
      return what
    })
    const all = Promise.all(seen)
    const stays = staysOn(virsh, domain, () => missing.size > 0, within)
    for (const one of [all, stays]) one.catch((error) => over.abort(error))
    await Promise.allSettled([...seen, stays])
    signal.throwIfAborted()
    over.signal.throwIfAborted()
    return ['it runs', ...(await all)]
  } finally {
    clearTimeout(timer)
  }
}

function failed(why: string, lastLines?: string) {
  return problem('CUTOVER_FAILED', `it did not show that it works: ${why}`, {
    ...(lastLines ? { detail: lastLines } : {}),
  })
}

/** Settles when it runs and nothing else is waited for. @throws ProblemError when it stopped */
async function staysOn(
  virsh: Virsh,
  { uuid }: DomainPlace,
  waiting: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const state = (await virsh.run(['domstate', `--domain=${uuid}`], signal)).trim()
    if (state === 'shut off' || state === 'crashed') throw failed(`the domain is ${state}`)
    if (state === 'running' && !waiting()) return
    await sleep(secondsBetweenLooks * 1000, undefined, { signal })
  }
}

function checksOf(virsh: Virsh, domain: DomainPlace, { agent, tcp, expect }: Verification, signs: Signs) {
  const port = expect === undefined ? undefined : signs.serialPort(expect)
  const checks: Check[] = [
    ...(agent ? [agentAnswers(virsh, domain)] : []),
    ...(tcp ? [takesConnections(tcp, signs)] : []),
    ...(port && expect !== undefined ? [says(virsh, domain, expect, port, signs)] : []),
  ]
  return { checks, lastLines: () => printable(port?.lastLines(5) ?? '') }
}

function agentAnswers(virsh: Virsh, { uuid }: DomainPlace): Check {
  const ping = ['qemu-agent-command', '--timeout=5', '--', uuid, '{"execute":"guest-ping"}']
  return {
    missing: 'its guest agent did not answer',
    wait: (signal) =>
      until('its guest agent answers', signal, async () => {
        try {
          await virsh.run(ping, signal)
          return true
        } catch (error) {
          // libvirt says so while there is none.
          if (problemsOf(error)?.some(({ code }) => code === 'TARGET_FAILED')) return false
          throw error
        }
      }),
  }
}

function takesConnections({ host, port }: NonNullable<Verification['tcp']>, { reach }: Signs): Check {
  return {
    missing: `${host} took no connection at port ${port}`,
    wait: (signal) => until(`${host} takes connections at port ${port}`, signal, () => reach(host, port, signal)),
  }
}

async function until(what: string, signal: AbortSignal, look: () => Promise<boolean>): Promise<string> {
  while (!(await look())) await sleep(secondsBetweenLooks * 1000, undefined, { signal })
  return what
}

function says(
  virsh: Virsh,
  domain: DomainPlace,
  expect: string,
  port: ReturnType<Signs['serialPort']>,
  { attach }: Signs,
): Check {
  return {
    missing: `its serial port did not say ${printable(JSON.stringify(expect))}`,
    async wait(signal) {
      const heard = new AbortController()
      let sign: SerialSign | undefined
      let resumed: Promise<unknown> | undefined
      const listening = attach(
        domain,
        {
          onAttached() {
            resumed = virsh.run(['resume', `--domain=${domain.uuid}`], signal)
            resumed.catch(() => heard.abort())
          },
          onText(text) {
            sign ??= port.take(text)
            if (sign) heard.abort()
          },
        },
        AbortSignal.any([signal, heard.signal]),
      )
      // Ended by what was heard, which is no failure of it.
      await listening.catch((error) => {
        if (!heard.signal.aborted) throw error
      })
      await resumed
      if (sign?.up) return `its serial port said: ${printable(sign.saw)}`
      throw failed(sign ? `its serial port said: ${printable(sign.saw)}` : 'its serial port was closed')
    },
  }
}
