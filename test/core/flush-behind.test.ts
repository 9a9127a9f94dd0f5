import { expect, test } from 'vitest'
import { flushBehind } from '../../src/core/flush-behind.ts'

test('flushes what was reached, one flush at a time', async () => {
  const begun: number[] = []
  const flush = Promise.withResolvers<void>()
  const flushes = flushBehind((chunks) => {
    begun.push(chunks)
    return flush.promise
  }, 0)
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
  const flushes = flushBehind(async (chunks) => void begun.push(chunks), 3600)
  flushes.reached(1)
  await flushes.settled()
  expect(begun).toEqual([])
})

test('who stops has all flushed that was reached, once', async () => {
  const begun: number[] = []
  const flushes = flushBehind(async (chunks) => void begun.push(chunks), 3600)
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
  }, 0)
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
  }, 0)
  flushes.reached(1)
  await flushes.over()
  flushes.reached(2)
  expect(begun).toEqual([1])
  expect(flushes.failed.reason).toEqual(new Error('no space'))
  await expect(flushes.settled()).rejects.toThrow('no space')
})
