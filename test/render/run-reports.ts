import type { RunReport } from '../../src/core/language/run-report.ts'
import type { Foreseen, HistoryEntry, MachineRecord, StageRecord } from '../../src/core/record.ts'
import { type RunFacts, runReport } from '../../src/core/report/run-report.ts'
import type { StageName } from '../../src/core/stage-names.ts'

const stages: readonly StageName[] = ['preflight', 'export', 'inspect', 'fix', 'convert', 'validate', 'publish']
const seconds = [1, 40, 20, 60, 300, 15, 5]
const gib = 2 ** 30
const begun = Date.parse('2026-03-01T20:00:00.000Z')

/** A run over machines with these names, of which every seventh fails in its conversion; three at a time. */
export function factsOf(names: readonly string[], over: Partial<RunFacts> = {}): RunFacts {
  const ends = [0, 0, 0]
  const history: HistoryEntry[] = []
  const records = new Map<string, MachineRecord>()
  names.forEach((name, index) => {
    const lane = index % 3
    const done: StageRecord[] = []
    for (const [at, stage] of stages.entries()) {
      const took = (seconds[at] ?? 1) * (0.6 + ((index * 7) % 10) / 10)
      ends[lane] = (ends[lane] ?? 0) + took
      const failed = stage === 'convert' && index % 7 === 5
      const finishedAt = new Date(begun + (ends[lane] ?? 0) * 1000).toISOString()
      const bytes = stage === 'export' || stage === 'convert' ? 20 * gib : 0
      const message = failed ? { message: 'no space left on device' } : {}
      history.push({
        at: finishedAt,
        runId: 'r1',
        machine: name,
        stage,
        event: failed ? 'failed' : 'done',
        attempt: 1,
        bytes,
        seconds: took,
        ...message,
      })
      if (failed) break
      done.push(record(stage, name, { finishedAt, bytes, took }))
    }
    const approval = {
      stage: 'approval',
      status: 'done',
      attempt: 1,
      fingerprint: 'f',
      bytes: 0,
      bytesDone: 0,
      seconds: 0,
      tools: {},
      startedAt: '2026-03-01T19:00:00.000Z',
      finishedAt: '2026-03-01T19:00:00.000Z',
      runId: 'r0',
      output: { of: 'x', by: 'ann@example.com' },
    } as const
    records.set(name, {
      name,
      file: `manifests/${index}.yaml`,
      serial: index,
      onRemove: 'forget',
      stages: new Map(done.map((one) => [one.stage, one])),
      deeds: new Map(index === 0 ? [['approval', approval]] : []),
    })
  })
  const foreseen: Foreseen = {
    readBytes: names.length * 20 * gib,
    writeBytes: names.length * 22 * gib,
    seconds: names.length * 110,
    basis: 'convert measured at 68 MiB/s over 20 runs',
    unchanged: 3,
    waves: [
      { name: 'canary', pauseAfter: 'pause' },
      { name: 'production', pauseAfter: 'pause_on_failure' },
    ],
    machines: [
      ...names.map((name, index) => ({
        name,
        file: `manifests/${index}.yaml`,
        action: 'create' as const,
        wave: index < 2 ? 'canary' : 'production',
        stages,
        readBytes: 20 * gib,
        writeBytes: 22 * gib,
        seconds: 330,
      })),
      {
        name: 'asleep',
        file: 'manifests/asleep.yaml',
        action: 'create',
        wave: 'production',
        stages: [],
        readBytes: 0,
        writeBytes: 0,
        why: 'is suspended (audit)',
      },
    ],
  }
  return {
    workspace: 'datacenter-exit',
    root: '/w',
    run: {
      id: 'r1',
      command: 'apply',
      who: 'ci@runner1',
      commit: 'd3b07384d113edec49eaa6238ad5ff00',
      version: '0.1.0',
      pid: 1,
      startedAt: new Date(begun).toISOString(),
      finishedAt: new Date(begun + Math.max(...ends) * 1000).toISOString(),
      exitCode: names.length > 5 ? 3 : 0,
      planId: '5e884898da28',
    },
    alive: false,
    now: '2026-03-02T00:00:00.000Z',
    foreseen,
    settled: [],
    history,
    records,
    evidence: () => undefined,
    log: (machine) =>
      `2026-03-01T20:10:00.000Z convert: SPACE_SHORT: no space left on device\n  qemu-img: error while writing ${machine}.qcow2\n  -> make room, or apply fewer machines with --only\n`,
    ...over,
  }
}

/** The report of such a run. */
export function reportOf(names: readonly string[], over: Partial<RunFacts> = {}): RunReport {
  return runReport(factsOf(names, over))
}

/** `web01`, `db02` and so on. */
export function someNames(count: number): readonly string[] {
  const kinds = ['web', 'db', 'app', 'cache', 'mail']
  return Array.from(
    { length: count },
    (_, index) => `${kinds[index % kinds.length]}${String(index + 1).padStart(3, '0')}`,
  )
}

function record(
  stage: StageName,
  name: string,
  { finishedAt, bytes, took }: { finishedAt: string; bytes: number; took: number },
): StageRecord {
  return {
    stage,
    status: 'done',
    attempt: 1,
    fingerprint: 'f',
    output: outputOf(stage, name),
    bytes,
    bytesDone: bytes,
    seconds: took,
    tools: stage === 'convert' ? { 'qemu-img': '7.2.22' } : {},
    startedAt: finishedAt,
    finishedAt,
    runId: 'r1',
  }
}

function outputOf(stage: StageName, name: string): NonNullable<StageRecord['output']> {
  const file = (path: string, size: number) => ({ path, bytes: size, modified: '0' })
  if (stage === 'export')
    return { disks: [{ id: 'boot', checked: `sha256:${'1'.repeat(64)}` }], files: [], warnings: [] }
  if (stage === 'convert') {
    const path = `/w/output/${name}/boot.qcow2`
    return {
      disks: [
        {
          id: 'boot',
          format: 'qcow2',
          virtualBytes: 40 * gib,
          file: file(path, 12 * gib),
          sha256: 'ab'.repeat(32),
          engine: 'qemu-img',
          seconds: 300,
        },
      ],
    }
  }
  if (stage === 'publish')
    return {
      placed: [],
      domain: file(`/w/output/${name}/domain.xml`, 2000),
      sha256: 'cd'.repeat(32),
      uuid: '8c0ec3f4-0f4c-5b8e-9d61-1f2a3b4c5d6e',
      findings: [],
    }
  return {}
}
