import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import type { RunReport } from '../../src/core/language/run-report.ts'
import { reportHtml } from '../../src/render/report/html/page.ts'
import { reportOf, someNames } from '../render/run-reports.ts'
import { browse } from '../support/browser.ts'
import { localManifest, localWorkspace } from '../support/local-machines.ts'
import { qemuImg, temporaryFolder, writeRaw } from '../support/machines.ts'
import { h2k, start } from '../support/program.ts'

const fails = '#!/bin/sh\necho "the volume group is full: $((20 + 2))"\nexit 3\n'
const workspaceFile = `h2k_version: 1
name: exit
waves: [{name: canary, machines: [web01]}, {name: rest, pause_after: continue}]
`

/** A machine that is done, one whose hook fails and one that is left alone, applied once. */
async function applied(): Promise<string> {
  const folder = localWorkspace({
    'h2k.yaml': workspaceFile,
    'fail.sh': fails,
    'manifests/web01.yaml': localManifest('pipeline: {convert: {enabled: true}}\n'),
    'manifests/db01.yaml': localManifest('wave: rest\nhooks: {pre_convert: [{type: script, path: ../fail.sh}]}\n'),
    'manifests/old01.yaml': localManifest('wave: rest\nsuspend: {why: audit}\n'),
  })
  chmodSync(join(folder, 'fail.sh'), 0o755)
  writeRaw(join(folder, 'disk.raw'), 4)
  qemuImg('convert', '-f', 'raw', '-O', 'vmdk', join(folder, 'disk.raw'), join(folder, 'disk.vmdk'))
  expect((await h2k(folder, ['apply', '--auto-approve'])).exitCode).toBe(3)
  return folder
}

describe('h2k report', () => {
  test('tells of the latest run in each format, and of one by its id', async () => {
    const folder = await applied()
    const json = await h2k(folder, ['report', '--format', 'json'])
    expect(json.exitCode, json.stderr).toBe(0)
    const report = JSON.parse(json.stdout) as RunReport
    const schema = JSON.parse(readFileSync('schemas/report.json', 'utf8'))
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema)
    expect(validate(report), JSON.stringify(validate.errors)).toBe(true)
    expect(report).toMatchObject({
      run: { outcome: 'partial', exit_code: 3, command: 'apply' },
      counts: { total: 3, successful: 1, failed: 1, waiting: 1 },
      predicted: { basis: expect.stringContaining('assumed') },
      waves: [
        { wave: 'canary', successful: 1 },
        { wave: 'rest', failed: 1, waiting: 1 },
      ],
    })
    const [web01, ...others] = report.machines
    expect(web01?.disks[0]?.path).toBe('output/web01/boot.qcow2')
    expect(web01?.disks[0]?.sha256).toMatch(/^[0-9a-f]{64}$/)
    expect(web01?.tools['qemu-img']).toMatch(/^\d/)
    expect(others.find(({ machine }) => machine === 'db01')?.log).toContain('the volume group is full: 22')
    expect(others.find(({ machine }) => machine === 'old01')).toMatchObject({
      outcome: 'held',
      why: expect.stringContaining('audit'),
    })

    const { id } = report.run
    expect((await h2k(folder, ['apply', '--auto-approve', '--only', 'web01'])).exitCode).toBe(0)
    const text = await h2k(folder, ['report', '--run', id])
    expect(text.stdout).toContain('1 of 3 machines are done, 1 failed, 1 waiting')
    expect(text.stdout).toContain('the volume group is full: 22')
    expect((await h2k(folder, ['report'])).stdout).toContain('Nothing had to be done')
    const csv = await h2k(folder, ['report', '--run', id, '--format', 'csv'])
    expect(csv.stdout.split('\r\n')).toHaveLength(5)
    const markdown = await h2k(folder, ['report', '--run', id, '--format', 'markdown'])
    expect(markdown.stdout).toContain('### `machine.db01`')
    const unknown = await h2k(folder, ['report', '--run', `${id}x`])
    expect(unknown.exitCode).toBe(1)
    expect(unknown.stderr).toContain(`did you mean --run ${id}?`)
  })

  test('of an older run shows what it had, whatever came later and whatever the machine is called now', async () => {
    const folder = localWorkspace({
      'manifests/web01.yaml': localManifest('pipeline: {convert: {enabled: true}}\n'),
      'manifests/db01.yaml': localManifest(),
    })
    const apply = async () => expect((await h2k(folder, ['apply', '--auto-approve'])).exitCode).toBe(0)
    const reported = async (...args: string[]) => {
      const { stdout, stderr } = await h2k(folder, ['report', '--format', 'json', ...args])
      expect(stderr).toBe('')
      const report = JSON.parse(stdout) as RunReport
      const found = report.machines.find(({ machine }) => machine !== 'db01')
      return { id: report.run.id, written: report.actual.written_bytes, machine: found }
    }
    await apply()
    const first = await reported()
    writeRaw(join(folder, 'disk.raw'), 4)
    qemuImg('convert', '-f', 'raw', '-O', 'vmdk', join(folder, 'disk.raw'), join(folder, 'disk.vmdk'))
    await apply()
    const second = await reported()
    expect(first.machine?.disks[0]?.sha256).not.toBe(second.machine?.disks[0]?.sha256)
    expect(await reported('--run', first.id)).toEqual(first)

    renameSync(join(folder, 'manifests/web01.yaml'), join(folder, 'manifests/shop01.yaml'))
    expect((await h2k(folder, ['state', 'mv', 'web01', 'shop01'])).exitCode).toBe(0)
    expect((await h2k(folder, ['state', 'history', 'shop01'])).stdout.split('\n')[0]).toMatch(
      / machine\.shop01 +renamed /,
    )
    writeFileSync(
      join(folder, 'manifests/shop01.yaml'),
      readFileSync(join(folder, 'manifests/shop01.yaml'), 'utf8').replace('cpu: 1', 'cpu: 4'),
    )
    await apply()
    const third = await reported()
    expect(third.machine).toMatchObject({ machine: 'shop01', evidence: true, disks: second.machine?.disks })
    expect((await h2k(folder, ['destroy', '--auto-approve', 'machine.shop01'])).exitCode).toBe(0)
    const shown = [
      await reported('--run', first.id),
      await reported('--run', second.id),
      await reported('--run', third.id),
    ]
    expect(shown.map(({ machine }) => machine?.disks)).toEqual(
      [first, second, third].map(({ machine }) => machine?.disks),
    )
    expect(shown.map(({ machine }) => machine?.evidence)).toEqual([true, true, true])
  })

  test('of a workspace without a run says so', async () => {
    const folder = localWorkspace({ 'manifests/a.yaml': localManifest() })
    const { exitCode, stderr } = await h2k(folder, ['report'])
    expect(exitCode).toBe(1)
    expect(stderr).toContain('STATE_LOST: there was no run yet')
  })
})

test('h2k status --watch follows a run to its end', async () => {
  const folder = localWorkspace({
    'slow.sh': '#!/bin/sh\nsleep 4\n',
    'manifests/a.yaml': localManifest('hooks: {pre_convert: [{type: script, path: ../slow.sh}]}\n'),
  })
  chmodSync(join(folder, 'slow.sh'), 0o755)
  const running = start(folder, ['apply', '--auto-approve'])
  while (!(await h2k(folder, ['status'])).stdout.startsWith('running: apply'))
    await new Promise((settle) => setTimeout(settle, 100))
  const watched = await h2k(folder, ['status', '--watch', '--interval', '1'])
  expect((await running.ended).exitCode).toBe(0)
  expect(watched.exitCode).toBe(0)
  expect(watched.stdout).toMatch(
    /^running: apply by [\s\S]*\nnothing runs\nlatest run: \S+, apply by \S+, ended \S+ with 0\n/,
  )
})

describe('the page, in a browser', () => {
  const written = (names: readonly string[]) => {
    const page = join(temporaryFolder(), 'report.html')
    writeFileSync(page, reportHtml(reportOf(names)))
    return page
  }
  const names = ['</details><script>document.title = "owned"</script>', 'x'.repeat(300), ...someNames(12)]

  test.each(['light', 'dark'] as const)(
    'fits a phone in the %s, fetches nothing and keeps its style',
    async (scheme) => {
      const seen = await browse(written(names), 375, scheme)
      expect(seen).toMatchObject({
        overflow: 0,
        fetched: 0,
        title: 'datacenter-exit: migration report',
        lanes: 14,
        opened: 1,
      })
      expect(seen.maxWidth).toBe('1152px')
      expect(seen.bars).toBeGreaterThan(14 * 4)
      expect(seen.background).toBe(scheme === 'dark' ? 'rgb(18, 22, 29)' : 'rgb(246, 247, 249)')
    },
  )

  test('shows 500 machines, also that of a real run', async () => {
    expect(await browse(written(someNames(500)), 1200, 'light')).toMatchObject({
      overflow: 0,
      lanes: 500,
      fetched: 0,
    })
    const folder = await applied()
    const told = await h2k(folder, ['report', '--format', 'html', '--out', 'report.html'])
    expect(told.stdout).toMatch(/^The report of run \S+ is in report\.html\.\n$/)
    expect(await browse(join(folder, 'report.html'), 375, 'dark')).toMatchObject({
      overflow: 0,
      lanes: 2,
      title: 'exit: migration report',
    })
  })
})
