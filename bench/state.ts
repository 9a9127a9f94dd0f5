import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClock } from '../src/adapters/host/clock.ts'
import { linuxHost } from '../src/adapters/sqlite/host.ts'
import { openState } from '../src/adapters/sqlite/open-state.ts'
import { stageNames } from '../src/core/stage-names.ts'
import type { StateStore } from '../src/ports/state.ts'
import { median } from './measure.ts'

// What writing and reading the state costs, flushes to the disk included. `node bench/state.ts [MACHINES]`
const machines = Array.from({ length: Number(process.argv[2] ?? 10_000) }, (_, index) => `web${index}`)
const attempts = machines.flatMap((machine) => stageNames.map((stage) => ({ machine, stage })))
const input = { disks: [{ path: '/vm/disk.vmdk', format: 'vmdk' }], profile: 'x'.repeat(600) }
const output = { disks: [{ path: '/out/disk.qcow2', sha256: 'f'.repeat(64), more: 'y'.repeat(300) }] }
const startedAt = '2026-03-01T10:00:00.000Z'

async function written(store: StateStore, lanes: number): Promise<void> {
  const writer = store.begin({ id: 'bench', command: 'apply', who: 'bench', version: '0', startedAt }, machines)
  let next = 0
  const lane = async () => {
    for (let attempt = attempts[next++]; attempt !== undefined; attempt = attempts[next++]) {
      const file = `${attempt.machine}.yaml`
      await writer.started({
        ...attempt,
        file,
        onRemove: 'forget',
        attempt: 1,
        fingerprint: 'f',
        input,
        bytes: 1,
        startedAt,
      })
      await writer.done({ ...attempt, finishedAt: startedAt, seconds: 300, output, tools: { 'qemu-img': '7.2' } })
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
}

async function secondsOf(work: () => unknown): Promise<number> {
  const from = performance.now()
  await work()
  return (performance.now() - from) / 1000
}

const took = new Map<string, number[]>()
const keep = (name: string, seconds: number) => took.set(name, [...(took.get(name) ?? []), seconds])
for (let round = 0; round < 3; round++) {
  for (const lanes of [10, 100]) {
    const folder = mkdtempSync(join(process.env.BENCH_DIR ?? tmpdir(), 'h2k-bench-'))
    const open = () =>
      openState({
        path: join(folder, 'state.db'),
        migrations: 'state/migrations',
        backups: join(folder, 'backups'),
        host: linuxHost(),
        clock: createClock(),
        mode: 'create',
      })
    const store = open()
    keep(`writing, ${lanes} stages in flight`, await secondsOf(() => written(store, lanes)))
    store.close()
    const from = performance.now()
    const reopened = open()
    keep('opening', (performance.now() - from) / 1000)
    let read = 0
    keep('reading all', await secondsOf(() => (read = reopened.machines().size)))
    if (read !== machines.length) throw new Error(`${read} of ${machines.length} machines were read`)
    reopened.close()
    rmSync(folder, { recursive: true })
  }
}
console.log(`\n| ${machines.length} machines, ${attempts.length} stages | seconds (median) |\n| --- | --- |`)
for (const [name, seconds] of took) console.log(`| ${name} | ${median(seconds).toFixed(2)} |`)
