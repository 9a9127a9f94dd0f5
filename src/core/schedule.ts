/** What a stage takes from limited resources while it runs, by slot. */
export type Claims = Readonly<Record<string, number>>

export interface Chain<Step extends string> {
  readonly name: string
  readonly steps: readonly {
    readonly name: Step
    readonly claims: Claims
    /** Slots that stay taken when it is done, for the next step, which claims them too. */
    readonly keeps?: readonly string[]
  }[]
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
  /** Nothing that claims the slot starts any more. */
  close(slot: string): void
  /** Nothing starts any more. */
  stop(): void
  /** Why the next step of a chain does not start; undefined when it may, runs, or there is none. */
  whyBlocked(chain: string): string | undefined
}

interface Progress<Step extends string> extends Chain<Step> {
  next: number
  status: 'ready' | 'running' | 'ended'
  /** What its last step kept. */
  kept: Claims
}

/**
 * Runs chains of steps side by side within the limits. `limits.global` bounds the steps that run at once; a slot
 * without a limit is free.
 */
export function createSchedule<Step extends string>(
  chains: readonly Chain<Step>[],
  limits: Readonly<Record<string, number>>,
): Schedule<Step> {
  const used = new Map<string, number>()
  const byName = new Map<string, Progress<Step>>()
  // One queue for each distinct set of claims, so that a full slot costs one look and not one for each machine.
  const queues = new Map<
    string,
    { readonly claims: Claims; readonly begun: Progress<Step>[]; readonly fresh: Progress<Step>[]; head: number }
  >()
  const closed = new Set<string>()
  let stopped = false

  // A step that wants more of a slot than there is takes all of it: it could never start otherwise.
  const claimsOf = (chain: Progress<Step>): Claims => {
    const claims = Object.entries({ global: 1, ...chain.steps[chain.next]?.claims })
    return Object.fromEntries(claims.map(([slot, count]) => [slot, Math.min(count, limits[slot] ?? count)]))
  }
  const blockedBy = (claims: Claims) =>
    Object.entries(claims).find(
      ([slot, count]) => closed.has(slot) || (used.get(slot) ?? 0) + count > (limits[slot] ?? Number.POSITIVE_INFINITY),
    )
  const take = (claims: Claims, sign: 1 | -1) => {
    for (const [slot, count] of Object.entries(claims)) used.set(slot, (used.get(slot) ?? 0) + sign * count)
  }
  const enqueue = (chain: Progress<Step>) => {
    if (chain.next >= chain.steps.length) {
      chain.status = 'ended'
      return
    }
    chain.status = 'ready'
    const claims = without(claimsOf(chain), chain.kept)
    const key = JSON.stringify(Object.entries(claims).sort())
    const queue = queues.get(key) ?? { claims, begun: [], fresh: [], head: 0 }
    queues.set(key, queue)
    if (chain.next > 0) queue.begun.push(chain)
    else queue.fresh.push(chain)
  }

  for (const chain of chains) {
    const progress: Progress<Step> = { ...chain, next: 0, status: 'ready', kept: {} }
    byName.set(chain.name, progress)
    enqueue(progress)
  }

  const pick = (): Progress<Step> | undefined => {
    const open = [...queues.values()].filter(
      (queue) => (queue.begun.length > 0 || queue.head < queue.fresh.length) && !blockedBy(queue.claims),
    )
    const begun = open.find((queue) => queue.begun.length > 0)
    if (begun) return begun.begun.shift()
    const fresh = open[0]
    return fresh?.fresh[fresh.head++]
  }

  return {
    start() {
      const starts: Start<Step>[] = []
      if (stopped) return starts
      for (let chain = pick(); chain; chain = pick()) {
        const step = chain.steps[chain.next]
        if (!step) continue
        take(without(claimsOf(chain), chain.kept), 1)
        chain.status = 'running'
        starts.push({ chain: chain.name, step: step.name })
      }
      return starts
    },
    finish(name, outcome) {
      const chain = byName.get(name)
      if (chain?.status !== 'running') throw new Error(`${name} does not run`)
      const held = { ...chain.kept, ...claimsOf(chain) }
      const keeps = outcome === 'done' ? (chain.steps[chain.next]?.keeps ?? []) : []
      chain.kept = Object.fromEntries(Object.entries(held).filter(([slot]) => keeps.includes(slot)))
      take(without(held, chain.kept), -1)
      chain.next = outcome === 'done' ? chain.next + 1 : chain.steps.length
      enqueue(chain)
    },
    close: (slot) => void closed.add(slot),
    stop() {
      stopped = true
    },
    whyBlocked(name) {
      const chain = byName.get(name)
      if (chain?.status !== 'ready') return undefined
      if (stopped) return 'h2k was told to stop'
      const full = blockedBy(without(claimsOf(chain), chain.kept))
      if (full && closed.has(full[0])) return `${full[0]} is closed`
      return full ? `all ${limits[full[0]]} of ${full[0]} are in use` : undefined
    },
  }
}

function without(claims: Claims, kept: Claims): Claims {
  return Object.fromEntries(Object.entries(claims).filter(([slot]) => !(slot in kept)))
}
