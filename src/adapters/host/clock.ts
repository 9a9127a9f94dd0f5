import { randomBytes } from 'node:crypto'
import type { Clock } from '../../ports/clock.ts'

/** The host's clock. */
export function createClock(): Clock {
  return {
    now: () => new Date().toISOString(),
    seconds: () => performance.now() / 1000,
    newId() {
      const time = new Date().toISOString().replace(/[-:]|\.\d+Z/g, '')
      return `${time}-${randomBytes(4).toString('hex')}`
    },
  }
}
