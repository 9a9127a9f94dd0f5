import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { linuxHost, parseStat } from '../../../src/adapters/sqlite/host.ts'

const fields = `S ${Array.from({ length: 18 }, (_, index) => index + 4).join(' ')} 123456 23 24`

test.each(['node', 'a b', 'x) S 1 (y', ') R ('])('reads the state and the start of a process named "%s"', (name) => {
  expect(parseStat(`42 (${name}) ${fields}\n`)).toEqual({ state: 'S', startTicks: 123456 })
})

test('this process is alive, one of its number that started at another time is not', () => {
  const host = linuxHost()
  expect(host.pid).toBe(process.pid)
  expect(host.isAlive(host.pid, host.startTicks)).toBe(true)
  expect(host.isAlive(host.pid, host.startTicks - 1)).toBe(false)
  expect(host.uptimeSeconds()).toBeGreaterThan(host.startTicks / 100)
})

test('a process that ended is dead, also while its parent has not taken notice', async () => {
  // The shell becomes a sleep, which never collects the child that the shell started.
  const parent = spawn('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 30'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(parent.stdout, 'data')
  const pid = Number(String(line))
  const stat = () => readFileSync(`/proc/${pid}/stat`, 'utf8')
  while (parseStat(stat()).state !== 'Z') await sleep(5)
  const host = linuxHost()
  expect(host.isAlive(pid, parseStat(stat()).startTicks)).toBe(false)
  parent.kill()
  await once(parent, 'exit')
  expect(host.isAlive(parent.pid ?? 0, 1)).toBe(false)
})
