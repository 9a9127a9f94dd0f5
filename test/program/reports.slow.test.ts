import { chmodSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import type { BatchProgressFile, BatchReport, MachineReport } from '../../src/core/language/reports.ts'
import { localManifest, localWorkspace } from '../support/local-machines.ts'
import { makeOva, makeWorkspace, ovaManifest, temporaryFolder } from '../support/machines.ts'
import { h2k, start } from '../support/program.ts'

const apply = (folder: string) => h2k(folder, ['apply', '--auto-approve'])
const read = <T>(...path: string[]) => JSON.parse(readFileSync(join(...path), 'utf8')) as T

/** What the JSON Schema of h2k has against a file. */
function faults(schema: string, content: unknown): unknown {
  // The formats of times are for the reader.
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(read(`schemas/${schema}.json`))
  return validate(content) ? [] : validate.errors
}

function workspace(files: Readonly<Record<string, string>>): string {
  const folder = localWorkspace({
    'fail.sh': '#!/bin/sh\nexit 3\n',
    'slow.sh': '#!/bin/sh\nsleep 1.5\n',
    ...files,
  })
  for (const script of ['fail.sh', 'slow.sh']) chmodSync(join(folder, script), 0o755)
  return folder
}
const hook = (script: string) => `hooks: {pre_convert: [{type: script, path: ../${script}}]}\n`

describe('a batch', () => {
  const batch = `batch_version: "1.0"
batch_metadata: {batch_id: first}
vms:
  - {id: one, manifest: ../manifests/a.yaml}
  - {manifest: ../manifests/b.yaml}
  - {id: asleep, manifest: ../manifests/c.yaml}
  - {id: off, manifest: ../manifests/d.yaml, enabled: false}
shared_config: {output_directory: ../converted}
`
  const files = {
    'batches/first.yaml': batch,
    'manifests/a.yaml': localManifest(),
    'manifests/b.yaml': localManifest(hook('fail.sh')),
    'manifests/c.yaml': localManifest('suspend: {why: audit}\n'),
    'manifests/d.yaml': localManifest(),
  }

  test('leaves a report with the keys of hyper2kvm, a summary and its last progress beside its machines', async () => {
    const folder = workspace(files)
    const ended = await apply(folder)
    expect(ended.exitCode, ended.stdout + ended.stderr).toBe(3)
    const report = read<BatchReport>(folder, 'converted/batch_report.json')
    expect(faults('batch_report', report)).toEqual([])
    expect(report.batch).toMatchObject({
      batch_id: 'first',
      manifest_path: 'batches/first.yaml',
      success: false,
      total_vms: 3,
      processed_vms: 2,
      successful_vms: 1,
      failed_vms: 1,
      success_rate: 0.5,
    })
    expect(report.vm_results).toMatchObject([
      { vm_id: 'one', machine: 'a', manifest: 'manifests/a.yaml', success: true, status: 'COMPLETED' },
      { vm_id: 'vm_1', machine: 'b', success: false, error: expect.stringContaining('HOOK_FAILED') },
    ])
    expect(report.aggregate_stats.fastest_conversion?.vm_id).toBe('one')
    expect(report.warnings).toMatchObject([{ vm_id: 'asleep', message: 'is suspended (audit)' }])
    expect(report.errors).toMatchObject([{ vm_id: 'vm_1', message: expect.stringContaining('HOOK_FAILED') }])
    const progress = read<BatchProgressFile>(folder, 'converted/.progress/batch_progress.json')
    expect(faults('batch_progress', progress)).toEqual([])
    expect(progress.counts).toEqual({ pending: 0, in_progress: 0, completed: 1, failed: 1, skipped: 1 })
    expect(progress.completion_percentage).toBe(100)
    expect(progress.vms.one?.stages_completed).toEqual(['preflight', 'export', 'convert', 'publish'])
    const summary = readFileSync(join(folder, 'converted/batch_summary.txt'), 'utf8')
    expect(summary).toMatch(/^h2k batch summary\n\nBatch: first \(batches\/first\.yaml\)\n/)
    expect(summary).toMatch(/^ {2}one {3}done in [\d.]+ s$/m)
    expect(summary).toMatch(/^ {2}vm_1 {2}FAILED in .*HOOK_FAILED/m)
  })

  test('counts what is done already as successful, and is a success once nothing is left', async () => {
    const folder = workspace(files)
    await apply(folder)
    writeFileSync(join(folder, 'manifests/b.yaml'), localManifest())
    expect((await apply(folder)).exitCode).toBe(0)
    const { batch: told, vm_results: results } = read<BatchReport>(folder, 'converted/batch_report.json')
    expect(told).toMatchObject({ success: true, processed_vms: 2, successful_vms: 2, success_rate: 1 })
    expect(results.map(({ status }) => status)).toEqual(['SKIPPED', 'COMPLETED'])
  })

  test('tells how far it is while it runs, in a file that is whole at any time', async () => {
    const folder = workspace({
      ...files,
      'manifests/a.yaml': localManifest(hook('slow.sh')),
      'manifests/b.yaml': localManifest(hook('slow.sh')),
    })
    const running = start(folder, ['apply', '--auto-approve'])
    const path = join(folder, 'converted/.progress/batch_progress.json')
    const seen: BatchProgressFile[] = []
    let over = false
    void running.ended.then(() => {
      over = true
    })
    while (!over) {
      if (existsSync(path)) seen.push(read(path))
      await new Promise((settle) => setTimeout(settle, 20))
    }
    expect((await running.ended).exitCode).toBe(0)
    expect(seen.flatMap((progress) => faults('batch_progress', progress))).toEqual([])
    expect(seen.some(({ vms }) => vms.one?.status === 'IN_PROGRESS' && vms.one.current_stage === 'convert')).toBe(true)
    // One at the start, one at the end, and between them at most one a second.
    const written = new Set(seen.map(({ updated_at: at }) => at)).size
    expect(written).toBeGreaterThan(1)
    const [first, last] = [seen[0], read<BatchProgressFile>(path)]
    expect(written).toBeLessThanOrEqual(3 + last.updated_at - (first?.started_at ?? 0))
    expect(last).toMatchObject({ completion_percentage: 100, estimated_time_remaining: 0 })
    expect(globSync('converted/.progress/.*', { cwd: folder })).toEqual([])
  })

  test('does not replace what h2k did not write, and is done all the same', async () => {
    const folder = workspace({ ...files, 'manifests/b.yaml': localManifest() })
    mkdirSync(join(folder, 'converted'))
    writeFileSync(join(folder, 'converted/batch_report.json'), '{"mine": true}')
    const { exitCode, stdout } = await apply(folder)
    expect(exitCode).toBe(0)
    expect(stdout).toContain('warning OUTPUT_NOT_OURS')
    expect(readFileSync(join(folder, 'converted/batch_report.json'), 'utf8')).toBe('{"mine": true}')
    expect(existsSync(join(folder, 'converted/batch_summary.txt'))).toBe(true)
  })

  test('without a folder of its own reports in output/, each in its own where there are several', async () => {
    const named = (id: string, machine: string) =>
      `batch_version: "1.0"\nbatch_metadata: {batch_id: ${id}}\nvms: [{manifest: ../manifests/${machine}.yaml}]\n`
    const folder = workspace({
      'batches/x.yaml': named('x', 'a'),
      'batches/y.yaml': named('y', 'b'),
      'manifests/a.yaml': localManifest(),
      'manifests/b.yaml': localManifest(),
    })
    expect((await apply(folder)).exitCode).toBe(0)
    expect(globSync('output/**/batch_report.json', { cwd: folder }).toSorted()).toEqual([
      'output/x/batch_report.json',
      'output/y/batch_report.json',
    ])
  })
})

describe('a machine with options.report', () => {
  test('has what was done and what it came to, with checksums, hooks and what was predicted', async () => {
    const ova = makeOva(temporaryFolder(), 'web01', [{ mib: 16 }])
    const rest = `options: {report: {path: reports/web01.json}}
hooks: {post_publish: [{type: script, path: ../ok.sh, name: greet}]}
`
    const folder = makeWorkspace({ 'manifests/web01.yaml': ovaManifest(ova.path, rest), 'ok.sh': '#!/bin/sh\n' })
    chmodSync(join(folder, 'ok.sh'), 0o755)
    const ended = await apply(folder)
    expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
    const report = read<MachineReport>(folder, 'output/web01/reports/web01.json')
    expect(faults('machine_report', report)).toEqual([])
    expect(report).toMatchObject({
      outcome: 'done',
      address: 'machine.web01',
      source: { provider: 'ova', path: ova.path, files: [{ path: ova.path }] },
      disks: [{ id: 'vmdisk1', format: 'qcow2', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) }],
      hooks: [{ point: 'post_publish', hook: 'greet', outcome: 'succeeded', attempts: 1 }],
      errors: [],
    })
    expect(report.stages.map(({ stage, in_this_run: now }) => `${stage} ${now}`)).toEqual(
      ['preflight', 'export', 'convert', 'validate', 'publish'].map((stage) => `${stage} true`),
    )
    expect(report.findings.map(({ rule }) => rule)).toContain('disk_size')
    expect(report.prediction.basis).toContain('convert assumed at')
    expect(report.actual.written_bytes).toBe(report.disks[0]?.file_bytes)
  })

  test('says why it failed, and keeps what was done before', async () => {
    const folder = workspace({ 'manifests/a.yaml': localManifest(`options: {report: {}}\n${hook('fail.sh')}`) })
    expect((await apply(folder)).exitCode).toBe(1)
    const report = read<MachineReport>(folder, 'output/a/report.json')
    expect(faults('machine_report', report)).toEqual([])
    expect(report).toMatchObject({ outcome: 'failed', disks: [], errors: [{ stage: 'convert', code: 'HOOK_FAILED' }] })
    expect(report.stages.map(({ stage, status }) => `${stage} ${status}`)).toEqual([
      'preflight done',
      'export done',
      'convert failed',
    ])
  })

  test('by a path that leaves the output folder is refused', async () => {
    const folder = workspace({ 'manifests/a.yaml': localManifest('options: {report: {path: ../../x.json}}\n') })
    const { exitCode, stderr } = await h2k(folder, ['plan'])
    expect(exitCode).toBe(1)
    expect(`${stderr}${(await h2k(folder, ['plan'])).stdout}`).toContain('VALUE_INVALID')
  })
})

describe('options.verbose', () => {
  const run = async (verbose: number) => {
    const folder = workspace({
      'manifests/a.yaml': localManifest(`options: {verbose: ${verbose}}\n`),
      'manifests/quiet.yaml': localManifest(),
    })
    const { exitCode, stdout } = await apply(folder)
    expect(exitCode, stdout).toBe(0)
    const [log] = globSync('.h2k/logs/*/a.log', { cwd: folder })
    return { stdout, log: log === undefined ? '' : readFileSync(join(folder, log), 'utf8') }
  }

  test('0 says nothing more', async () => {
    const { stdout, log } = await run(0)
    expect(log).toBe('')
    expect(stdout).not.toContain('because')
  })

  test('1 says why, 2 what was recorded: on the terminal and in the machine’s log', async () => {
    const one = await run(1)
    expect(one.stdout).toContain('machine.a/convert: attempt 1, because: not done yet\n')
    expect(one.stdout).not.toContain('machine.quiet/convert: attempt')
    expect(one.log).toMatch(/^--- \S+ machine\.a\/convert attempt 1, because: not done yet$/m)
    expect(one.stdout).not.toContain('recorded')
    const two = await run(2)
    expect(two.log).toMatch(/machine\.a\/convert recorded disks: \[\{"id":"boot".*"sha256"/)
  })
})
