import { existsSync, mkdirSync, renameSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { type Write, writeQueue } from '../../../src/adapters/sqlite/group-commit.ts'
import { runStart, stateFolder } from './state-folder.ts'

/** A log whose flushes the test ends, with what happened in order. */
function log() {
  const happened: string[] = []
  const flushes: { readonly settle: () => void; readonly fail: (error: Error) => void }[] = []
  const commit = (how: string) => (writes: readonly Write[]) => {
    happened.push(`${how} ${writes.length}`)
    return writes.map((write) => write(1))
  }
  const queue = writeQueue({
    commit: commit('commit'),
    commitDurably: commit('durably'),
    flushLog: () =>
      new Promise((settle, fail) => {
        flushes.push({ settle, fail })
      }),
  })
  const add = (name: string, refusal?: Error) => {
    return queue
      .add(() => refusal)
      .then(
        () => void happened.push(`${name} written`),
        (error: Error) => void happened.push(`${name}: ${error.message}`),
      )
  }
  return { happened, flushes, queue, add, turn: () => new Promise(setImmediate) }
}

test('a write is told as written only after its flush, and those that come meanwhile share the next', async () => {
  const { happened, flushes, add, turn } = log()
  const first = add('a')
  await turn()
  const others = [add('b'), add('c', new Error('does not fit'))]
  await turn()
  expect(happened).toEqual(['commit 1'])
  flushes[0]?.settle()
  await first
  await turn()
  expect(happened).toEqual(['commit 1', 'a written', 'commit 2'])
  flushes[1]?.settle()
  await Promise.all(others)
  expect(happened.slice(3).sort()).toEqual(['b written', 'c: does not fit'])
})

test('a flush that fails is told to all that waited for it, and to nobody else', async () => {
  const { happened, flushes, add, turn } = log()
  const both = [add('a'), add('b')]
  await turn()
  flushes[0]?.fail(new Error('the disk is gone'))
  await Promise.all(both)
  const later = add('c')
  await turn()
  flushes[1]?.settle()
  await later
  expect(happened).toEqual(['commit 2', 'a: the disk is gone', 'b: the disk is gone', 'commit 1', 'c written'])
})

test('at the end what waits is flushed at once, also while the disk is busy', async () => {
  const { happened, flushes, queue, add, turn } = log()
  const first = add('a')
  await turn()
  const second = add('b')
  queue.flush()
  await second
  expect(happened).toEqual(['commit 1', 'durably 1', 'b written'])
  flushes[0]?.settle()
  await first
})

test('a run whose log cannot be flushed writes nothing more', async () => {
  const { open, path } = stateFolder()
  const state = open()
  const writer = state.begin(runStart('run-1'), ['web01'])
  renameSync(`${path}-wal`, `${path}-wal.away`)
  const intend = { path: '/a', machine: 'web01', stage: 'convert', fingerprint: 'f' } as const
  await expect(writer.intend(intend)).rejects.toMatchObject({ problems: [{ code: 'STATE_UNWRITABLE' }] })
  renameSync(`${path}-wal.away`, `${path}-wal`)
  await expect(writer.intend(intend)).rejects.toMatchObject({ problems: [{ code: 'STATE_UNWRITABLE' }] })
})

test('a state behind a link has its log beside the file itself', async () => {
  const { folder, path, open } = stateFolder()
  open().close()
  const real = join(folder, 'elsewhere', 'real.db')
  mkdirSync(dirname(real))
  renameSync(path, real)
  symlinkSync(real, path)
  const writer = open().begin(runStart('run-1'), ['web01'])
  await writer.intend({ path: '/a', machine: 'web01', stage: 'convert', fingerprint: 'f' })
  expect([existsSync(`${real}-wal`), existsSync(`${path}-wal`)]).toEqual([true, false])
})
