import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { eventStream } from '../../src/cli/event-stream.ts'
import type { RunEvent } from '../../src/core/events.ts'
import { eventSchema } from '../../src/core/language/events.ts'

const convert = { machine: 'web01', stage: 'convert', attempt: 1 } as const
const reason = {
  severity: 'error',
  code: 'TOOL_FAILED',
  summary: 'qemu-img failed',
  detail: 'no space left',
  hint: 'free some',
  at: { file: 'web01.yaml', line: 1, column: 2 },
  address: 'machine.web01/convert',
} as const

// One of each, so that a new event type does not compile until it is here and in the schema.
const examples: { readonly [Type in RunEvent['type']]: Extract<RunEvent, { type: Type }> } = {
  run_start: { type: 'run_start', machines: 2, stages: 10, bytes: 4096.5 },
  hook_done: {
    type: 'hook_done',
    machine: 'web01',
    stage: 'convert',
    point: 'pre_convert',
    hook: 'notify',
    outcome: 'succeeded',
    attempts: 2,
    seconds: 1.5,
  },
  planned_change: {
    type: 'planned_change',
    machine: 'web01',
    action: 'create',
    stages: ['convert'],
    read_bytes: 1,
    write_bytes: 2,
  },
  drift: {
    type: 'drift',
    machine: 'web01',
    status: 'Missing',
    health: 'Healthy',
    findings: [{ kind: 'disk', subject: 'output/web01/boot.qcow2', status: 'Missing', detail: 'is missing' }],
  },
  policy: {
    type: 'policy',
    rule: 'oversize',
    action: 'deny',
    machine: 'web01',
    evidence: 'disks has 4096 GiB',
    waived: false,
  },
  lock: { type: 'lock', status: 'taken', token: 3, machines: 2 },
  stage_start: { ...convert, type: 'stage_start', bytes: 4096, why: 'not done yet' },
  stage_progress: { ...convert, type: 'stage_progress', bytes: 10.25, total: 4096, rate: 33.3, eta: 1.23456 },
  stage_done: {
    ...convert,
    type: 'stage_done',
    seconds: 1.00049,
    bytes: 4096,
    evidence: { disks: [{ virtualBytes: 4096, sha256: 'ab', absent: undefined }], checked: null },
  },
  deed_start: { type: 'deed_start', machine: 'web01', deed: 'cutover', attempt: 1 },
  deed_done: {
    type: 'deed_done',
    machine: 'web01',
    deed: 'cutover',
    attempt: 1,
    seconds: 2,
    evidence: { of: 'a', begun: '', ended: '', downtimeSeconds: 2, verified: ['it runs'] },
  },
  deed_failed: {
    type: 'deed_failed',
    machine: 'web01',
    deed: 'rollback',
    attempt: 1,
    seconds: 2,
    interrupted: false,
    problems: [reason],
  },
  stage_skipped: { type: 'stage_skipped', machine: 'web01', stage: 'export', why: 'unchanged' },
  stage_failed: {
    ...convert,
    type: 'stage_failed',
    seconds: 2,
    interrupted: false,
    retryable: true,
    problems: [reason],
  },
  machine_forgotten: { type: 'machine_forgotten', machine: 'old01' },
  wave: { type: 'wave', wave: 'canary', status: 'waits', machines: 2, why: 'apply pauses after wave canary' },
  artifact_removed: { type: 'artifact_removed', machine: 'old01', path: 'output/old01/boot.qcow2' },
  machine_destroyed: { type: 'machine_destroyed', machine: 'old01', removed: 2 },
  log: { type: 'log', machine: 'web01', stage: 'convert', text: 'attempt 2, because: asked for' },
  diagnostic: { type: 'diagnostic', problem: reason },
  summary: {
    type: 'summary',
    done: 1,
    failed: 1,
    unchanged: 0,
    forgotten: 1,
    destroyed: 0,
    held: 0,
    interrupted: 0,
    seconds: 3,
    bytes: 4096,
  },
}

function recorded() {
  const lines: string[] = []
  const time = { seconds: 0 }
  const clock = {
    now: () => new Date(Date.UTC(2026, 0, 1) + time.seconds * 1000).toISOString(),
    seconds: () => time.seconds,
    newId: () => 'id',
  }
  const stream = eventStream((line) => lines.push(line), clock, '0.1.0', 'run-1')
  const objects = (): Record<string, unknown>[] => lines.map((line) => JSON.parse(line))
  return { stream, lines, objects, time }
}

describe('the event stream', () => {
  it('begins with the version and ends with the result', () => {
    const { stream, lines, objects } = recorded()
    stream.emit(examples.summary)
    stream.result(3, { failed: ['web01'] })
    stream.emit(examples.stage_progress)
    stream.result(0)
    expect(lines[0]).toBe(
      '{"type":"version","h2k":"0.1.0","format":"1.0","@timestamp":"2026-01-01T00:00:00.000Z","run_id":"run-1","seq":1}\n',
    )
    expect(lines.at(-1)).toBe(
      '{"type":"result","exit_code":3,"data":{"failed":["web01"]},"@timestamp":"2026-01-01T00:00:00.000Z","run_id":"run-1","seq":3}\n',
    )
    expect(objects().map(({ seq }) => seq)).toEqual([1, 2, 3])
  })

  it('names machine and address, rounds, and writes keys in snake_case', () => {
    const { stream, objects } = recorded()
    stream.emit(examples.stage_progress)
    stream.emit(examples.stage_done)
    stream.emit(examples.machine_forgotten)
    const stamp = { '@timestamp': '2026-01-01T00:00:00.000Z', run_id: 'run-1' }
    const address = 'machine.web01/convert'
    expect(objects().slice(1)).toEqual([
      { type: 'stage_progress', ...convert, address, bytes: 10, total: 4096, rate: 33, eta: 1.235, ...stamp, seq: 2 },
      {
        type: 'stage_done',
        ...convert,
        address,
        seconds: 1,
        bytes: 4096,
        evidence: { disks: [{ virtual_bytes: 4096, sha256: 'ab' }], checked: null },
        ...stamp,
        seq: 3,
      },
      { type: 'machine_forgotten', machine: 'old01', address: 'machine.old01', ...stamp, seq: 4 },
    ])
  })

  it('tells the progress of a stage at most once a second', () => {
    const { stream, objects, time } = recorded()
    for (let tick = 0; tick < 50; tick++) {
      time.seconds = tick / 10
      stream.emit({ ...examples.stage_progress, bytes: tick })
      stream.emit({ ...examples.stage_progress, machine: 'db01', bytes: tick })
    }
    const told = objects().filter(({ machine }) => machine === 'web01')
    expect(told.map(({ bytes }) => bytes)).toEqual([0, 10, 20, 30, 40])
    expect(objects().filter(({ machine }) => machine === 'db01')).toHaveLength(5)
  })

  it('writes one object a line, whatever the names hold', () => {
    const { stream, lines, objects } = recorded()
    const machine = 'a\nb\u2028c\u001b[2J\u009b\u202e"\ud800'
    stream.emit({ type: 'machine_forgotten', machine })
    expect(lines[1]).toMatch(/^\{[^\u0000-\u001f\u007f-\u009f\u2028\u202e]+\}\n$/)
    expect(objects()[1]).toMatchObject({
      machine,
      address: 'machine.a\\u{a}b\\u{2028}c\\u{1b}[2J\\u{9b}\\u{202e}"\\u{d800}',
    })
  })

  it('matches the schema from the first line to the last', () => {
    const { stream, objects, time } = recorded()
    for (const event of Object.values(examples)) {
      time.seconds += 0.5
      stream.emit(event)
    }
    stream.result(0)
    const validate = new Ajv2020({ strict: true }).compile(z.toJSONSchema(eventSchema))
    for (const object of objects()) {
      expect(validate(object), `${JSON.stringify(object)}\n${JSON.stringify(validate.errors)}`).toBe(true)
      expect(eventSchema.parse(object)).toEqual(object)
      expect(validate({ ...object, surprise: 1 }), `${object.type} allows unknown keys`).toBe(false)
    }
    expect(objects().map(({ type }) => type)).toEqual(['version', ...Object.keys(examples), 'result'])
  })
})
