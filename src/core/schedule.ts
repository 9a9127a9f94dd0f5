import { createChainOrder, type MayBegin, type Ordered } from './chain-order.ts'
import type { Held } from './held.ts'

/** What a stage takes from limited resources while it runs, by slot. */
export type Claims = Readonly<Record<string, number>>

export interface Chain<Step extends string> extends Ordered {
  readonly steps: readonly {
    readonly name: Step
    readonly claims: Claims
    /** Slots that stay taken when it is done, for the next step, which claims them too. */
    readonly keeps?: readonly string[]
  }[]
  /** What it takes from its first step until it has ended; no step claims these too. */
  readonly holds?: Claims
}

export interface Start<Step extends string> {
  readonly chain: string
  readonly step: Step
}

/** Decides what may start; knows nothing of time or the outside. */
export interface Schedule<Step extends string> {
  /** Everything that may start now; it counts as running from here on. Chains that have begun go first. */
  start(): readonly Start<Step>[]
  /** A running step ended; after a failure the rest of its chain never starts. */
  finish(chain: string, outcome: 'done' | 'failed'): void
  /** Nothing of a chain that needs the slot, now or later, starts any more. */
  close(slot: string): void
  /** No chain of the wave begins any more; those that have begun go on. */
  endWave(wave: number, why: Held): void
  /** Nothing starts any more. */
  stop(): void
  /** Why the next step of a chain does not start; undefined when it may, runs, or there is none. */
  whyBlocked(chain: string): string | undefined
  /** Chains that will never begin, with the reason: what they depend on failed, or their wave did not begin. */
  dropped(): ReadonlyMap<string, Held>
}

interface Progress<Step extends string> extends Chain<Step> {
  /** Its place in the order that was given. */
  readonly index: number
  next: number
  /** What it has taken and keeps between its steps. */
  kept: Claims
  status: 'waiting' | 'ready' | 'running' | 'ended'
}

interface Queue<Step extends string> {
  /** What the next step takes. */
  readonly claims: Claims
  readonly chains: Progress<Step>[]
  head: number
}

/**
 * Runs chains of steps side by side within the limits. `limits.global` bounds the steps that run at once; a slot
 * without a limit is free. `mayBegin` is asked before each wave.
 */
export function createSchedule<Step extends string>(
  chains: readonly Chain<Step>[],
  limits: Readonly<Record<string, number>>,
  mayBegin: MayBegin = () => undefined,
): Schedule<Step> {
  const used = new Map<string, number>()
  const byName = new Map<string, Progress<Step>>(
    chains.map((chain, index) => [chain.name, { ...chain, index, next: 0, kept: {}, status: 'waiting' }]),
  )
  // One queue for each distinct set of claims, so that a full slot costs one look and not one for each machine.
  const queues = { begun: new Map<string, Queue<Step>>(), fresh: new Map<string, Queue<Step>>() }
  const closed = new Set<string>()
  let stopped = false

  // A step that wants more of a slot than there is takes all of it: it could never start otherwise.
  const bounded = (claims: Claims): Claims =>
    Object.fromEntries(Object.entries(claims).map(([slot, count]) => [slot, Math.min(count, limits[slot] ?? count)]))
  const allClaims = ({ steps, next, holds }: Progress<Step>) => bounded({ global: 1, ...holds, ...steps[next]?.claims })
  const blockedBy = (claims: Claims) =>
    Object.entries(claims).find(
      ([slot, count]) => (used.get(slot) ?? 0) + count > (limits[slot] ?? Number.POSITIVE_INFINITY),
    )?.[0]
  const isClosed = ({ steps, next, holds: held = {} }: Progress<Step>) =>
    closed.size > 0 &&
    [held, ...steps.slice(next).map(({ claims }) => claims)].some((claims) =>
      Object.keys(claims).some((slot) => closed.has(slot)),
    )
  const take = (claims: Claims, sign: 1 | -1) => {
    for (const [slot, count] of Object.entries(claims)) used.set(slot, (used.get(slot) ?? 0) + sign * count)
  }
  const nextClaims = (chain: Progress<Step>): Claims => only(allClaims(chain), (slot) => !(slot in chain.kept))
  const enqueue = (chain: Progress<Step>) => {
    if (isClosed(chain)) return end(chain, 'failed')
    chain.status = 'ready'
    const claims = nextClaims(chain)
    const key = JSON.stringify(Object.entries(claims).sort())
    const kind = chain.next > 0 ? queues.begun : queues.fresh
    const queue = kind.get(key) ?? { claims, chains: [], head: 0 }
    kind.set(key, queue)
    queue.chains.push(chain)
  }

  const order = createChainOrder(chains, mayBegin)
  const end = (chain: Progress<Step>, outcome: 'done' | 'failed') => {
    take(chain.kept, -1)
    chain.kept = {}
    chain.status = 'ended'
    order.ended(chain.name, outcome)
  }
  const enqueueFree = () => {
    for (let free = order.free(); free.length > 0; free = order.free()) {
      for (const chain of free.flatMap((name) => byName.get(name) ?? [])) {
        if (chain.steps.length > 0) enqueue(chain)
        else end(chain, 'done')
      }
    }
  }
  enqueueFree()

  const headOf = (queue: Queue<Step>) => {
    while (queue.chains[queue.head]?.status === 'ended') queue.head++
    return queue.chains[queue.head]
  }
  const pick = (): Progress<Step> | undefined => {
    for (const kind of [queues.begun, queues.fresh]) {
      let best: { readonly queue: Queue<Step>; readonly chain: Progress<Step> } | undefined
      for (const queue of kind.values()) {
        const chain = headOf(queue)
        if (!chain || (best && best.chain.index < chain.index)) continue
        if (blockedBy(queue.claims) === undefined) best = { queue, chain }
      }
      if (!best) continue
      best.queue.head++
      return best.chain
    }
    return undefined
  }

  return {
    dropped: () => order.dropped,
    start() {
      const starts: Start<Step>[] = []
      if (stopped) return starts
      for (let chain = pick(); chain; chain = pick()) {
        const step = chain.steps[chain.next]
        if (!step) continue
        take(nextClaims(chain), 1)
        chain.status = 'running'
        starts.push({ chain: chain.name, step: step.name })
      }
      return starts
    },
    finish(name, outcome) {
      const chain = byName.get(name)
      if (chain?.status !== 'running') throw new Error(`${name} does not run`)
      const held = { ...chain.kept, ...allClaims(chain) }
      const keeps = [...Object.keys(chain.holds ?? {}), ...(chain.steps[chain.next]?.keeps ?? [])]
      const going = outcome === 'done' && chain.next + 1 < chain.steps.length
      chain.kept = only(held, (slot) => going && keeps.includes(slot))
      take(
        only(held, (slot) => !(slot in chain.kept)),
        -1,
      )
      chain.next = outcome === 'done' ? chain.next + 1 : chain.steps.length
      if (chain.next < chain.steps.length) enqueue(chain)
      else end(chain, outcome)
      enqueueFree()
    },
    close(slot) {
      closed.add(slot)
      for (const chain of byName.values()) if (chain.status === 'ready' && isClosed(chain)) end(chain, 'failed')
      enqueueFree()
    },
    endWave(wave, why) {
      order.dropWave(wave, why)
      for (const chain of byName.values()) {
        if (chain.status !== 'ready' || chain.next > 0 || (chain.wave ?? 0) !== wave) continue
        chain.status = 'ended'
        order.drop(chain.name, why)
      }
      enqueueFree()
    },
    stop() {
      stopped = true
    },
    whyBlocked(name) {
      const chain = byName.get(name)
      if (chain?.status === 'waiting' || chain?.status === 'ended') return order.why(name)
      if (chain?.status !== 'ready') return undefined
      if (stopped) return 'h2k was told to stop'
      const full = blockedBy(nextClaims(chain))
      return full === undefined ? undefined : `all ${limits[full]} of ${full} are in use`
    },
  }
}

function only(claims: Claims, wanted: (slot: string) => boolean): Claims {
  return Object.fromEntries(Object.entries(claims).filter(([slot]) => wanted(slot)))
}
