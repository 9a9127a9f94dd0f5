import { chunkCopier } from './copy-chunk.ts'
import type { Setup } from './messages.ts'
import type { Heard, Threads } from './threads.ts'
import { workerInOrder } from './work-in-order.ts'

/** What threads do, on this one: for copies that are over before a thread has started. Between two tasks others have their turn. */
export function workHere(setup: Setup, heard: Heard): Threads {
  const copy = chunkCopier(setup)
  const inOrder = workerInOrder(setup)
  let ended = false
  const soon = (work: () => void) => {
    setImmediate(() => {
      if (ended) return
      try {
        work()
      } catch (error) {
        heard.failed(error)
      }
    })
  }
  return {
    copy: (task) =>
      soon(() => {
        const result = copy(task)
        if (result instanceof Promise) throw new Error('a copy without threads waits for its writes')
        heard.copied(result)
      }),
    inOrder: (task) =>
      soon(() => {
        heard.ordered(inOrder(task))
      }),
    async end() {
      ended = true
    },
  }
}
