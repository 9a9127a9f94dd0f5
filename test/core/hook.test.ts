import { expect, it } from 'vitest'
import { type HookRetry, retryDelaySeconds } from '../../src/core/hook.ts'

const retry: HookRetry = {
  maxRetries: 5,
  initialDelaySeconds: 2,
  strategy: 'exponential',
  maxDelaySeconds: 9,
  retryOnTimeout: true,
  jitter: false,
}
const delays = (strategy: HookRetry['strategy']) =>
  [1, 2, 3, 4, 5].map((n) => retryDelaySeconds({ ...retry, strategy }, n))

it('waits longer and longer, up to the longest delay', () => {
  expect(delays('exponential')).toEqual([2, 4, 8, 9, 9])
  expect(delays('linear')).toEqual([2, 4, 6, 8, 9])
  expect(delays('constant')).toEqual([2, 2, 2, 2, 2])
})

it('stays at the longest delay, however often', () => {
  expect(retryDelaySeconds(retry, 5000)).toBe(9)
})
