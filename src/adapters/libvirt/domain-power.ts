import { setTimeout as sleep } from 'node:timers/promises'
import { problemsOf } from '../../core/problem.ts'
import type { Clock } from '../../ports/clock.ts'
import type { DomainPlace, Domains, TurningOff } from '../../ports/domains.ts'
import { setAutostart } from './autostart.ts'
import { listDomains } from './domains.ts'
import { lookAtSource } from './source-domain.ts'
import { markFaults, markSource, markStanding, unmarkSource } from './source-mark.ts'
import { type Signs, watchFor } from './verification.ts'
import type { Virsh } from './virsh.ts'

const secondsBetweenLooks = 0.5

interface DomainPowerParts extends Signs {
  readonly clock: Clock
  connect(uri: string): Virsh
}

/** Switches domains of libvirt on and off. */
export function domainPower({ clock, connect, ...signs }: DomainPowerParts): Domains {
  const stop = async (domain: DomainPlace, { seconds, force }: TurningOff, signal: AbortSignal) => {
    const virsh = connect(domain.uri)
    if ((await domainState(virsh, domain, signal)) === 'shut off') return 'was off'
    const ended = clock.seconds() + seconds
    if (seconds > 0) await whileOn(virsh, domain, ['shutdown'], signal)
    while (clock.seconds() < ended) {
      if ((await domainState(virsh, domain, signal)) === 'shut off') return 'shut down'
      await sleep(secondsBetweenLooks * 1000, undefined, { signal })
    }
    if (!force) return 'still on'
    await whileOn(virsh, domain, ['destroy'], signal)
    return 'switched off'
  }
  return {
    stop,
    look: (domain, signal) => lookAtSource(connect(domain.uri), domain, signal),
    markFaults: (mark, signal) => markFaults(connect(mark.domain.uri), mark, signal),
    mark: (mark, signal) => markSource(connect(mark.domain.uri), mark, signal),
    unmark: (mark, signal) => unmarkSource(connect(mark.domain.uri), mark, signal),
    markStanding: (mark, signal) => markStanding(connect(mark.domain.uri), mark, signal),
    async turnOn(domain, signal) {
      const virsh = connect(domain.uri)
      if ((await domainState(virsh, domain, signal)) !== 'shut off') return 'was on'
      await virsh.run(['start', `--domain=${domain.uuid}`], signal)
      return 'started'
    },
    startWithHost: ({ uri, uuid }, on, signal) => setAutostart(connect(uri), uuid, on, signal),
    async standing(domain, signal) {
      const listed = (await listDomains(connect(domain.uri), signal)).get(domain.uuid)
      if (!listed) return 'missing'
      return listed.running ? 'on' : 'off'
    },
    async start(domain, verify, off, signal) {
      const virsh = connect(domain.uri)
      let state = await domainState(virsh, domain, signal)
      if (verify.expect !== undefined && state !== 'shut off') {
        await stop(domain, off, signal)
        state = 'shut off'
      }
      if (state === 'shut off') {
        // Paused, so that nothing is said before somebody listens.
        const paused = verify.expect === undefined ? [] : ['--paused']
        await virsh.run(['start', ...paused, `--domain=${domain.uuid}`], signal)
      } else if (state === 'paused') await virsh.run(['resume', `--domain=${domain.uuid}`], signal)
      return await watchFor(virsh, domain, verify, signs, signal)
    },
  }
}

/** As `virsh domstate` has it: `running`, `paused`, `shut off`, `in shutdown`, `crashed` … */
async function domainState(virsh: Virsh, { uuid }: DomainPlace, signal: AbortSignal): Promise<string> {
  return (await virsh.run(['domstate', `--domain=${uuid}`], signal)).trim()
}

// It may have ended by itself in between.
async function whileOn(virsh: Virsh, domain: DomainPlace, command: readonly string[], signal: AbortSignal) {
  try {
    await virsh.run([...command, `--domain=${domain.uuid}`], signal)
  } catch (error) {
    const refused = problemsOf(error)?.some(({ code }) => code === 'TARGET_FAILED')
    if (!refused || (await domainState(virsh, domain, signal)) !== 'shut off') throw error
  }
}
