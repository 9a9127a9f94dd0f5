/** A change to make in a transaction. What it returns is why it could not be made; then it changed nothing. */
export type Write = (serial: number) => Error | undefined

/** Writes that wait for each other, so that one flush to the disk serves all of them. */
export interface WriteQueue {
  /** Settles once the write is on the disk. */
  add(write: Write): Promise<void>
  /** Commits now what waits, and returns when it is on the disk. */
  flush(): void
}

/** Makes all writes in one transaction or throws, and returns what each of them returned. */
type Commit = (writes: readonly Write[]) => readonly (Error | undefined)[]

export interface Committing {
  /** What it commits is on the disk when it returns. */
  readonly commitDurably: Commit
  /** What it commits is there for all to read, and on the disk once `flushLog` settles. */
  readonly commit: Commit
  /** Other work goes on meanwhile. */
  flushLog(): Promise<void>
}

interface Waiting {
  readonly write: Write
  readonly settle: (error?: unknown) => void
}

/** What comes while the disk is busy with some writes is committed when these are done. */
export function writeQueue({ commitDurably, commit, flushLog }: Committing): WriteQueue {
  let waiting: Waiting[] = []
  let turn: NodeJS.Immediate | undefined
  let busy = false

  const take = () => {
    clearImmediate(turn)
    turn = undefined
    const batch = waiting
    waiting = []
    return batch
  }
  const plan = () => {
    if (!busy && waiting.length > 0) turn ??= setImmediate(next)
  }
  const next = async () => {
    busy = true
    const batch = take()
    try {
      const refusals = commit(batch.map(({ write }) => write))
      await flushLog()
      settleAll(batch, refusals)
    } catch (error) {
      failAll(batch, error)
    }
    busy = false
    plan()
  }
  return {
    flush() {
      const batch = take()
      if (batch.length === 0) return
      try {
        settleAll(batch, commitDurably(batch.map(({ write }) => write)))
      } catch (error) {
        failAll(batch, error)
      }
    },
    add: (write) =>
      new Promise((resolve, reject) => {
        waiting.push({ write, settle: (error) => (error === undefined ? resolve() : reject(error)) })
        plan()
      }),
  }
}

function settleAll(batch: readonly Waiting[], refusals: readonly (Error | undefined)[]): void {
  for (const [index, { settle }] of batch.entries()) settle(refusals[index])
}

function failAll(batch: readonly Waiting[], error: unknown): void {
  for (const { settle } of batch) settle(error)
}
