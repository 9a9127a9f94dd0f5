import { mkdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { mountsUnavailable, type SecondProcess, secondProcess } from './second-process.ts'
import { stateFolder } from './state-folder.ts'

// Root may write anywhere, so what is read-only or full here is a mount that only the second process sees.
const unavailable = mountsUnavailable()

describe.skipIf(unavailable)(`a state${unavailable ? ` (skipped: ${unavailable})` : ''}`, () => {
  test('in a read-only workspace can be read, and says so when it should be written', async () => {
    const { folder, path, open } = stateFolder()
    const readOnly = `mount --bind ${folder} ${folder}; mount -o remount,bind,ro ${folder}`
    const readsAndNoMore = async (prepare = '') => {
      const reader = secondProcess({ folder, mode: 'read', mounts: `${prepare}\n${readOnly}` })
      expect(await reader.tell('open')).toBe('ok ')
      expect(await reader.tell('list')).toBe('ok web01')
      expect(await reader.tell('begin run-2 db01')).toMatch(/^STATE_UNWRITABLE/)
      await reader.kill()
    }
    const writing = secondProcess({ folder })
    await writing.tell('open')
    await writing.tell('begin run-1 web01')
    await writing.tell('start web01 1')
    await readsAndNoMore()
    await writing.kill()
    // The log that the killed one left, with and without the memory that it shared.
    await readsAndNoMore()
    await readsAndNoMore(`rm ${path}-shm`)
    open().close()
    await readsAndNoMore()

    const applying = secondProcess({ folder, mode: 'write', mounts: readOnly })
    expect(await applying.tell('open')).toMatch(`STATE_UNWRITABLE ${path}: the state cannot be written`)
    const beginning = secondProcess({ folder: `${folder}/new`, mounts: readOnly })
    expect(await beginning.tell('open')).toMatch(`STATE_UNWRITABLE ${folder}/new/state/state.db`)
  })

  test('on a full disk keeps what it told was written, and goes on once there is room', async () => {
    const { folder } = stateFolder()
    const disk = `${folder}/disk`
    mkdirSync(disk)
    const full = `mount -t tmpfs -o size=4m none ${disk}; for file in a b; do head -c 700k /dev/zero > ${disk}/$file; done`
    const writing = secondProcess({ folder: disk, mounts: full })
    await writing.tell('open')
    await writing.tell('begin run-1 web01')
    const first = await attemptsUntilFull(writing, 1)
    expect(await writing.tell(`backup ${disk}/copy.db`)).toMatch(/^STATE_UNWRITABLE .*copy.db/)
    await writing.tell(`remove ${disk}/a`)
    const second = await attemptsUntilFull(writing, first + 1)
    expect(second).toBeGreaterThan(first)

    expect(await writing.tell('reopen')).toBe('ok ')
    expect(await writing.tell('attempts')).toBe(`ok ${second}`)
    await writing.tell(`remove ${disk}/b`)
    expect(await writing.tell('begin run-2 db01')).toBe('ok ')
    expect(await writing.tell('attempt db01 1 300000')).toBe('ok ')
  })
})

/** Writes attempts from `attempt` on; the number of the last one that was written. */
async function attemptsUntilFull(writing: SecondProcess, attempt: number): Promise<number> {
  const answer = await writing.tell(`attempt web01 ${attempt} 300000`)
  if (answer === 'ok ') return attemptsUntilFull(writing, attempt + 1)
  expect(answer).toMatch(/^STATE_UNWRITABLE .*SQLITE_FULL/)
  return attempt - 1
}
