import { createContext, Script } from 'node:vm'

const script = new Script('work()')
const context: { work: () => unknown } = { work: () => undefined }
createContext(context)

/** What did not come to an end, in time or in depth. */
export const endless = Symbol('endless')

/** What some work that may be endless comes to. It is stopped after `milliseconds`, or when it goes too deep. */
export function withinTime<T>(milliseconds: number, work: () => T): T | typeof endless {
  let result: T | typeof endless = endless
  context.work = () => {
    result = work()
  }
  try {
    script.runInContext(context, { timeout: milliseconds })
  } catch (error) {
    const tooLong = (error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
    if (!tooLong && !(error instanceof RangeError)) throw error
    return endless
  }
  return result
}
