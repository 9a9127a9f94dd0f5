/** A change to make in a transaction. What it returns is why it could not be made; then it changed nothing. */
export type Write = (serial: number) => Error | undefined

/** Writes that wait for the end of this turn of the event loop, so that one flush to the disk serves all of them. */
export interface WriteQueue {
  /** Settles once the write is on the disk. */
  add(write: Write): Promise<void>
  /** Commits now what waits. */
  flush(): void
}

interface Waiting {
  readonly write: Write
  readonly settle: (error?: unknown) => void
}

/** `commit` makes all writes in one transaction or throws, and returns what each of them returned. */
export function writeQueue(commit: (writes: readonly Write[]) => readonly (Error | undefined)[]): WriteQueue {
  let waiting: Waiting[] = []
  let turn: NodeJS.Immediate | undefined

  const flush = () => {
    clearImmediate(turn)
    turn = undefined
    const batch = waiting
    waiting = []
    if (batch.length > 0) settleAll(batch, commit)
  }

  return {
    flush,
    add: (write) =>
      new Promise((resolve, reject) => {
        waiting.push({ write, settle: (error) => (error === undefined ? resolve() : reject(error)) })
        turn ??= setImmediate(flush)
      }),
  }
}

function settleAll(batch: readonly Waiting[], commit: Parameters<typeof writeQueue>[0]): void {
  try {
    const refusals = commit(batch.map(({ write }) => write))
    for (const [index, { settle }] of batch.entries()) settle(refusals[index])
  } catch (error) {
    for (const { settle } of batch) settle(error)
  }
}
