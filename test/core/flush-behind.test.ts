import { afterEach, expect, test, vi } from 'vitest'
import { flushBehind } from '../../src/core/flush-behind.ts'

const always = { seconds: 0, times: 0 }
const seldom = { seconds: 3600, times: 0 }

afterEach(() => {
  vi.useRealTimers()
})

test('flushes what was reached, one flush at a time', async () => {
  const begun: number[] = []
  const flush = Promise.withResolvers<void>()
  const flushes = flushBehind((chunks) => {
    begun.push(chunks)
    return flush.promise
  }, always)
  flushes.reached(1)
  flushes.reached(2)
  expect(begun).toEqual([1])
  flush.resolve()
  await flushes.settled()
  flushes.reached(3)
  expect(begun).toEqual([1, 3])
})

test('lets some time go by between two', async () => {
  const begun: number[] = []
  const flushes = flushBehind(async (chunks) => void begun.push(chunks), seldom)
  flushes.reached(1)
  await flushes.settled()
  expect(begun).toEqual([])
})

test('lets the more time go by, the longer a flush took', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const begun: number[] = []
  const flushes = flushBehind(
    async (chunks) => {
      begun.push(chunks)
      vi.advanceTimersByTime(500)
    },
    { seconds: 1, times: 20 },
  )
  for (let second = 1; second <= 24; second++) {
    vi.advanceTimersByTime(1000)
    flushes.reached(second)
    await flushes.settled()
  }
  // The first is due after a second, and over half a second later; each other one ten seconds after that.
  expect(begun).toEqual([1, 11, 21])
})

test('who stops has all flushed that was reached, once', async () => {
  const begun: number[] = []
  const flushes = flushBehind(async (chunks) => void begun.push(chunks), seldom)
  await flushes.stopped()
  flushes.reached(1)
  flushes.reached(2)
  await flushes.stopped()
  await flushes.stopped()
  expect(begun).toEqual([2])
})

test('who stops while a flush is under way has the rest flushed after it, but nothing after one that failed', async () => {
  const begun: number[] = []
  const first = Promise.withResolvers<void>()
  const flushes = flushBehind((chunks) => {
    begun.push(chunks)
    return chunks === 1 ? first.promise : Promise.reject(new Error('no space'))
  }, always)
  flushes.reached(1)
  flushes.reached(2)
  const stopped = flushes.stopped()
  expect(begun).toEqual([1])
  first.resolve()
  await stopped
  flushes.reached(3)
  await flushes.stopped()
  expect(begun).toEqual([1, 2])
})

test('a flush that failed is the copy’s failure, and nothing is flushed after it', async () => {
  const begun: number[] = []
  const flushes = flushBehind((chunks) => {
    begun.push(chunks)
    return Promise.reject(new Error('no space'))
  }, always)
  flushes.reached(1)
  await flushes.over()
  flushes.reached(2)
  expect(begun).toEqual([1])
  expect(flushes.failed.reason).toEqual(new Error('no space'))
  await expect(flushes.settled()).rejects.toThrow('no space')
})
