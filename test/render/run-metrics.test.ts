import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { createRunMetrics } from '../../src/render/run-metrics.ts'
import { hostileNames } from '../core/hostile-names.ts'

const facts = { workspace: 'exit', version: '0.1.0', begun: 1_700_000_000, unchanged: 4, waiting: 2 }

/** By the Python that Debian's packages are for: what Prometheus' own parsers make of a text: name, labels and value of each sample. */
function parsed(
  text: string,
  module: 'openmetrics.parser' | 'parser',
): readonly (readonly [string, Record<string, string>, number])[] {
  const program = `
import json, sys
from prometheus_client.${module} import text_string_to_metric_families as parse
text = sys.stdin.buffer.read().decode('utf-8')
print(json.dumps([[s.name, s.labels, s.value] for family in parse(text) for s in family.samples]))`
  return JSON.parse(execFileSync('/usr/bin/python3', ['-c', program], { input: text, encoding: 'utf8' }))
}

test('what it writes is read by the parsers of OpenMetrics and of Prometheus, with any name', () => {
  const metrics = createRunMetrics()
  metrics.take({ type: 'run_start', machines: hostileNames.length + 1, stages: 3, bytes: 300 }, 0)
  metrics.take({ type: 'wave', wave: 'a"b\\\n', status: 'begun', machines: 1 }, 0)
  const ok = { machine: 'ok', stage: 'convert', attempt: 1, bytes: 100 } as const
  metrics.take({ type: 'stage_start', ...ok, why: '' }, 1)
  metrics.take({ type: 'stage_done', ...ok, seconds: 2, evidence: {} }, 3)
  metrics.take({ type: 'stage_done', ...ok, stage: 'publish', bytes: 0, seconds: 1, evidence: {} }, 4)
  for (const machine of hostileNames) {
    const failed = { machine, stage: 'convert', attempt: 1, seconds: 1, interrupted: false, retryable: true } as const
    metrics.take({ type: 'stage_failed', ...failed, problems: [] }, 5)
  }
  const text = metrics.text({ ...facts, ended: { at: 1_700_000_009, exitCode: 3 } }, 9)
  const samples = parsed(text, 'openmetrics.parser')
  expect(parsed(text, 'parser')).toEqual(samples)
  const value = (name: string, labels: Record<string, string> = {}) =>
    samples.find(
      ([of, having]) => of === name && Object.entries(labels).every(([key, one]) => having[key] === one),
    )?.[2]
  expect(value('h2k_run_machines', { status: 'done' })).toBe(1)
  expect(value('h2k_run_machines', { status: 'failed' })).toBe(hostileNames.length)
  expect(value('h2k_run_machines', { status: 'unchanged' })).toBe(4)
  expect(value('h2k_stage_worked_seconds', { stage: 'convert' })).toBe(2)
  expect(value('h2k_stage_failed', { stage: 'convert' })).toBe(hostileNames.length)
  expect(value('h2k_run_exit_code')).toBe(3)
  expect(value('h2k_wave', { status: 'begun' })).toBe(1)
  const named = samples.filter(([name]) => name === 'h2k_machine_failed').map(([, { machine }]) => machine)
  expect(named).toContain('a\nb')
  expect(named).toContain('a\\b')
  expect(new Set(named).size).toBe(named.length)
})

test('a run that goes on has neither an end nor an exit code', () => {
  const metrics = createRunMetrics()
  metrics.take({ type: 'run_start', machines: 2, stages: 3, bytes: 300 }, 0)
  const names = parsed(metrics.text(facts, 1), 'openmetrics.parser').map(([name]) => name)
  expect(names).toContain('h2k_run_started_timestamp_seconds')
  expect(names).not.toContain('h2k_run_finished_timestamp_seconds')
  expect(names).not.toContain('h2k_run_exit_code')
})
