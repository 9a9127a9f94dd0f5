/** How long there is nothing flushed. */
export interface FlushPace {
  /** Between the end of a flush and the next one, at least. */
  readonly seconds: number
  /** And at least so many times as long as that flush took. */
  readonly times: number
}

/** Short, so that the disk writes while the processors work; a small copy is over before. */
const usual: FlushPace = { seconds: 0.2, times: 0 }

/** Flushes of a file that is being written, one at a time. */
export interface FlushBehind {
  /** So much of it is written, in whatever unit: some time it is flushed. */
  reached(amount: number): void
  /** Aborted with what a flush failed with. */
  readonly failed: AbortSignal
  /** Waits for the one that is under way. @throws what a flush failed with: it says that the copy is not on the disk */
  settled(): Promise<void>
  /** The same for who gives the copy up, however the flush ends. */
  over(): Promise<void>
  /** The same for who goes on later: first all that was reached is flushed. */
  stopped(): Promise<void>
}

/**
 * Has what is written flushed while more is being written, so that little is left at the end: the kernel by itself begins
 * when much of the memory is full.
 * @param flush told how much was written when it begins
 */
export function flushBehind(
  flush: (amount: number) => Promise<void>,
  { seconds, times }: FlushPace = usual,
): FlushBehind {
  // In milliseconds.
  let [last, took] = [performance.now(), 0]
  let [latest, flushed] = [0, 0]
  let flushing: Promise<void> | undefined
  const broken = new AbortController()
  const begin = () => {
    flushed = latest
    const begun = performance.now()
    flushing = flush(latest)
      .catch((error: unknown) => broken.abort(error))
      .finally(() => {
        last = performance.now()
        took = last - begun
        flushing = undefined
      })
  }
  return {
    failed: broken.signal,
    reached(amount) {
      latest = amount
      const due = last + Math.max(seconds * 1000, times * took)
      if (!flushing && !broken.signal.aborted && performance.now() >= due) begin()
    },
    async settled() {
      await flushing
      broken.signal.throwIfAborted()
    },
    async over() {
      await flushing
    },
    async stopped() {
      await flushing
      if (latest !== flushed && !broken.signal.aborted) begin()
      await flushing
    },
  }
}
