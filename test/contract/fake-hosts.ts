import type { Clock } from '../../src/ports/clock.ts'

/** A process as a state's adapter sees itself and others. */
export interface FakeProcess {
  readonly hostname: string
  readonly pid: number
  readonly startTicks: number
  readonly bootId: string
  readonly pidNamespace: string
  uptimeSeconds(): number
  isAlive(pid: number, startTicks: number): boolean
}

/** Hosts whose processes, boots and clocks are the test's to set. */
export function fakeHosts() {
  const living = new Map<number, number>()
  let uptime = 5000
  let wall = Date.parse('2026-03-01T10:00:00.000Z')
  let ids = 0
  let pids = 100
  const clock: Clock = {
    now: () => new Date(wall).toISOString(),
    seconds: () => uptime,
    newId: () => `id-${String(++ids).padStart(6, '0')}`,
  }
  return {
    clock,
    /** A process that was just started. */
    process(place: Partial<Pick<FakeProcess, 'hostname' | 'bootId' | 'pidNamespace' | 'pid'>> = {}): FakeProcess {
      const pid = place.pid ?? ++pids
      const startTicks = Math.round(uptime * 100) + pid
      living.set(pid, startTicks)
      return {
        hostname: 'kvm1',
        bootId: 'boot-1',
        pidNamespace: 'pid:[1]',
        ...place,
        pid,
        startTicks,
        uptimeSeconds: () => uptime,
        isAlive: (asked, ticks) => living.get(asked) === ticks,
      }
    },
    kill: (process: FakeProcess) => void living.delete(process.pid),
    /** Time passes on all clocks. */
    pass(seconds: number) {
      uptime += seconds
      wall += seconds * 1000
    },
    /** Somebody sets the clock on the wall. */
    setClock: (seconds: number) => {
      wall += seconds * 1000
    },
  }
}

export type FakeHosts = ReturnType<typeof fakeHosts>
