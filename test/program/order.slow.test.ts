import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { weekDays } from '../../src/core/window.ts'
import { localManifest, localWorkspace } from '../support/local-machines.ts'
import { h2k } from '../support/program.ts'

interface Planned {
  readonly counts: Readonly<Record<string, number>>
  readonly machines: readonly {
    readonly name: string
    readonly wave?: string
    readonly held?: { readonly by: string }
  }[]
}
interface Applied {
  readonly done: readonly string[]
  readonly failed: readonly string[]
  readonly waiting: readonly string[]
}

const config = (waves: string) => `h2k_version: 1\nname: test\nwaves:\n${waves}`
// Fails as long as there is no file \`open\` in the workspace.
const gated = localManifest('hooks: {pre_convert: [{type: script, path: ../gate.sh, args: ["{{ pwd }}/open"]}]}\n')

function workspace(files: Readonly<Record<string, string>>): string {
  const folder = localWorkspace({ 'gate.sh': '#!/bin/sh\ntest -e "$1"\n', ...files })
  chmodSync(join(folder, 'gate.sh'), 0o755)
  return folder
}

async function apply(folder: string, ...args: readonly string[]) {
  const ended = await h2k(folder, ['apply', '--auto-approve', '--json', ...args])
  const { done = [], failed = [], waiting = [] } = ended.data<Applied | undefined>() ?? {}
  return { exitCode: ended.exitCode, done, failed, waiting, events: ended.events() }
}

describe('waves', () => {
  const waves = `  - {name: canary, machines: ["web-dev*"], pause_after: pause}
  - {name: production, machines: ["web-*"], max_parallel: 1}
  - {name: last, pause_after: continue}
`
  const files = {
    'h2k.yaml': config(waves),
    'manifests/mail.yaml': localManifest('wave: last\n'),
    'manifests/other.yaml': localManifest(),
    'manifests/web-1.yaml': localManifest('priority: 2\n'),
    'manifests/web-2.yaml': localManifest('priority: 1\n'),
    'manifests/web-dev.yaml': localManifest(),
  }

  test('go in order; after one that pauses apply ends with 7, and a plain apply goes on', async () => {
    const folder = workspace(files)
    const plan = await h2k(folder, ['plan'])
    expect(plan.stdout.match(/^wave .*$/gm)).toEqual([
      'wave canary · 1 machine · apply pauses after it',
      'wave production · 2 machines · apply pauses after it on a failure',
      'wave last · 1 machine',
      'wave the rest · 1 machine',
    ])
    expect(plan.stdout).toContain('    waits: apply pauses after wave canary\n')
    expect(plan.stdout).toContain(
      'Plan: 1 to create, 0 to update, 0 to resume, 0 to destroy, 0 unchanged, 4 held back.',
    )
    const first = await h2k(folder, ['apply', '--auto-approve'])
    expect(first.exitCode, first.stdout + first.stderr).toBe(7)
    expect(first.stdout).toContain('wave canary: begun, 1 machine\n')
    expect(first.stdout).toContain(
      '4 machines waiting: apply pauses after wave canary.\n  -> look at its machines; then go on with wave production: h2k apply\n',
    )
    const second = await apply(folder)
    expect(second).toMatchObject({ exitCode: 0, done: ['web-2', 'web-1', 'mail', 'other'], waiting: [] })
    const told = second.events.filter(({ type }) => type === 'wave').map(({ wave, status }) => `${wave} ${status}`)
    expect(told).toEqual([
      'production begun',
      'production done',
      'last begun',
      'last done',
      'the rest begun',
      'the rest done',
    ])
    expect((await apply(folder)).exitCode).toBe(0)
  })

  test('stop after a failure, and go on once it is mended, or without it when asked', async () => {
    const folder = workspace({
      'h2k.yaml': config(
        '  - {name: canary, machines: [a]}\n  - {name: production, machines: [b]}\n  - {name: end, machines: [c]}\n',
      ),
      'manifests/a.yaml': gated,
      'manifests/b.yaml': localManifest(),
      'manifests/c.yaml': localManifest(),
    })
    const first = await h2k(folder, ['apply', '--auto-approve'])
    expect(first.exitCode).toBe(1)
    expect(first.stdout).toContain(
      '2 machines waiting: wave canary goes first, and did not end well.\n  -> mend that and run h2k apply, or go on without it: h2k apply --wave production\n',
    )
    expect(existsSync(join(folder, 'output/b'))).toBe(false)
    expect(await apply(folder, '--wave', 'production')).toMatchObject({ exitCode: 0, done: ['b'] })
    writeFileSync(join(folder, 'open'), '')
    expect(await apply(folder)).toMatchObject({ exitCode: 0, done: ['a', 'c'] })
  })

  test('outside of its window one does not begin: 7, and when it opens', async () => {
    const today = new Date().getUTCDay()
    const days = [weekDays[(today + 2) % 7], weekDays[(today + 3) % 7]].join(', ')
    const folder = workspace({
      ...files,
      'manifests/mail.yaml': localManifest(),
      'h2k.yaml': config(
        `  - {name: night, machines: ["web-*"], window: {days: [${days}], from: "22:00", to: "04:00", timezone: Europe/Paris}}\n`,
      ),
    })
    const { exitCode, stdout } = await h2k(folder, ['apply', '--auto-approve'])
    expect(exitCode, stdout).toBe(7)
    expect(stdout).toMatch(
      /3 machines waiting: wave night waits for its window, which opens \w{3} [\d-]{10} 22:00 Europe\/Paris\.\n {2}-> once it is open: h2k apply/,
    )
    expect(existsSync(join(folder, 'output'))).toBe(false)
    const why = await h2k(folder, ['why', 'machine.mail'])
    expect(why.stdout).toContain('machine.mail of wave the rest: wave night goes first, and machine.web-')
    // What was asked for by its name keeps to the window all the same.
    expect((await apply(folder, '--wave', 'night')).exitCode).toBe(7)
    writeFileSync(join(folder, 'h2k.yaml'), config(`  - {name: night, machines: ["web-*"], window: {from: "00:00"}}\n`))
    expect((await apply(folder)).exitCode).toBe(0)
  })

  test('a saved plan of one wave does that wave, whatever goes before', async () => {
    const folder = workspace(files)
    const saved = join(folder, 'production.h2kplan')
    expect((await h2k(folder, ['plan', '--wave', 'production', '--out', saved])).exitCode).toBe(0)
    expect(await apply(folder, saved)).toMatchObject({ exitCode: 0, done: ['web-2', 'web-1'] })
    expect((await h2k(folder, ['plan', '--wave', 'prodction'])).stderr).toContain('did you mean "production"?')
  })

  test('that do not exist, or come twice, are told at their place', async () => {
    const folder = workspace({ ...files, 'manifests/mail.yaml': localManifest('wave: lst\n') })
    const { stderr, exitCode } = await h2k(folder, ['validate'])
    expect(exitCode).toBe(1)
    expect(stderr).toContain(
      'manifests/mail.yaml:5:1 error WAVE_UNKNOWN: there is no wave "lst"\n  -> did you mean "last"?',
    )
    writeFileSync(join(folder, 'h2k.yaml'), config('  - {name: a}\n  - {name: a}\n'))
    expect((await h2k(folder, ['validate'])).stderr).toContain('h2k.yaml:5:6 error NAME_DUPLICATE')
    writeFileSync(join(folder, 'h2k.yaml'), config('  - {name: a, window: {timezone: Europe/Pariss}}\n'))
    expect((await h2k(folder, ['validate'])).stderr).toContain('h2k.yaml:4:24 error VALUE_INVALID')
  })
})

describe('depends_on', () => {
  test('is done before; after a failure what depends on it is not begun', async () => {
    const folder = workspace({
      'manifests/app.yaml': localManifest('depends_on: [machine.db]\npriority: -5\n'),
      'manifests/db.yaml': gated,
      'manifests/web.yaml': localManifest('depends_on: [app]\n'),
      'manifests/free.yaml': localManifest(),
    })
    const first = await h2k(folder, ['apply', '--auto-approve'])
    expect(first.exitCode, first.stdout).toBe(3)
    expect(first.stdout).toContain('machine waiting: waits for machine.db, which was not done.')
    expect(existsSync(join(folder, 'output/app'))).toBe(false)
    expect((await h2k(folder, ['apply', '--auto-approve', '--only', 'app'])).exitCode).toBe(7)
    const why = await h2k(folder, ['why', 'machine.app', '--json'])
    expect(why.data()).toMatchObject({ action: 'create', blocked: [] })
    writeFileSync(join(folder, 'open'), '')
    expect(await apply(folder)).toMatchObject({ exitCode: 0, done: ['db', 'app', 'web'] })
  })

  test('in a circle, into a later wave, or on nobody is an error with its place', async () => {
    const folder = workspace({
      'h2k.yaml': config('  - {name: one, machines: [x]}\n  - {name: two, machines: [y]}\n'),
      'manifests/a.yaml': localManifest('depends_on: [b]\n'),
      'manifests/b.yaml': localManifest('depends_on: [a]\n'),
      'manifests/c.yaml': localManifest('depends_on: [db1]\n'),
      'manifests/db01.yaml': localManifest(),
      'manifests/x.yaml': localManifest('depends_on: [y]\n'),
      'manifests/y.yaml': localManifest(),
    })
    const { stderr, exitCode } = await h2k(folder, ['validate'])
    expect(exitCode).toBe(1)
    expect(stderr).toContain(
      'manifests/a.yaml:5:1 error DEPENDENCY_CYCLE: machines depend on each other: machine.a -> machine.b -> machine.a',
    )
    expect(stderr).toContain(
      'manifests/c.yaml:5:14 error ADDRESS_UNKNOWN: depends_on: there is no machine "db1"\n  -> did you mean "db01"?',
    )
    expect(stderr).toContain(
      'manifests/x.yaml:5:14 error DEPENDENCY_CYCLE: machine.x depends on machine.y, whose wave goes later',
    )
    expect((await h2k(folder, ['apply', '--auto-approve'])).exitCode).toBe(1)
  })
})

describe('a suspended machine', () => {
  test('is left as it is, its source not even looked at, and what depends on it waits', async () => {
    const folder = workspace({
      'manifests/a.yaml': localManifest('suspend: {until: 2999-01-01, why: audit}\n').replace('disk.vmdk', 'gone.vmdk'),
      'manifests/b.yaml': localManifest('depends_on: [a]\n'),
      'manifests/c.yaml': localManifest('suspend: {until: 2020-01-01, why: over}\n'),
    })
    const plan = await h2k(folder, ['plan'])
    expect(plan.exitCode).toBe(0)
    expect(plan.stdout).toContain('machine.a is suspended until 2999-01-01 (audit)')
    expect(plan.stdout).toContain('waits for machine.a, which is suspended')
    expect(plan.stdout).toContain('1 held back, 1 suspended.')
    expect(await apply(folder)).toMatchObject({ exitCode: 7, done: ['c'], waiting: ['b'] })
    expect((await h2k(folder, ['why', 'machine.a'])).stdout).toContain('is suspended until 2999-01-01 (audit)')
    rmSync(join(folder, 'manifests/b.yaml'))
    expect((await h2k(folder, ['plan', '--detailed-exitcode'])).exitCode).toBe(0)
    expect((await apply(folder)).exitCode).toBe(0)
  })

  test('that was done before is neither forgotten nor changed', async () => {
    const folder = workspace({ 'manifests/a.yaml': localManifest() })
    expect((await apply(folder)).exitCode).toBe(0)
    const before = readFileSync(join(folder, 'output/a/domain.xml'), 'utf8')
    writeFileSync(join(folder, 'manifests/a.yaml'), localManifest('suspend: {}\n').replace('cpu: 1', 'cpu: 9'))
    expect((await apply(folder)).exitCode).toBe(0)
    expect(readFileSync(join(folder, 'output/a/domain.xml'), 'utf8')).toBe(before)
    expect((await h2k(folder, ['state', 'list'])).stdout).toContain('machine.a  publish done')
  })
})

test('a dry run is planned and never applied', async () => {
  const folder = workspace({ 'manifests/a.yaml': localManifest('options: {dry_run: true}\n') })
  const plan = await h2k(folder, ['plan'])
  expect(plan.stdout).toMatch(/\+ machine\.a will be created.*\n {4}dry run: will not be applied\n {4}\+ preflight/)
  expect((await h2k(folder, ['plan', '--detailed-exitcode'])).exitCode).toBe(0)
  const { counts, machines } = (await h2k(folder, ['plan', '--json'])).data<Planned>()
  expect([counts.create, counts.held, machines[0]?.held?.by]).toEqual([0, 1, 'dry_run'])
  expect(await apply(folder)).toMatchObject({ exitCode: 0, done: [] })
  expect(existsSync(join(folder, 'output'))).toBe(false)
})

describe('one machine’s failure', () => {
  test('stops no other, be it its source, a crash of its hook, or a hook that is gone when its turn comes', async () => {
    const folder = workspace({
      'manifests/bad-source.yaml': localManifest().replace('disk.vmdk', 'broken.vmdk'),
      'manifests/no-source.yaml': localManifest().replace('disk.vmdk', 'gone.vmdk'),
      'manifests/hook.yaml': localManifest('hooks: {pre_convert: [{type: script, path: ../kill.sh}]}\n'),
      // Its hook's file is gone by the time of its turn.
      'manifests/vanishing.yaml': localManifest(
        'hooks: {pre_extraction: [{type: script, path: ../rm.sh, args: ["{{ pwd }}/kill.sh"]}], pre_convert: [{type: script, path: ../kill.sh}]}\n',
      ),
      'manifests/good.yaml': localManifest(),
      'broken.vmdk': 'KDMV is not enough',
      'kill.sh': '#!/bin/sh\nkill -SEGV $$\n',
      'rm.sh': '#!/bin/sh\nrm "$1"\n',
    })
    for (const script of ['kill.sh', 'rm.sh']) chmodSync(join(folder, script), 0o755)
    const { exitCode, done, failed, events } = await apply(folder)
    expect({ exitCode, done }).toEqual({ exitCode: 3, done: ['good'] })
    expect(failed.toSorted()).toEqual(['hook', 'vanishing'])
    expect(events.filter(({ type }) => type === 'stage_failed')).toHaveLength(2)
  })
})

describe('a batch with a limit', () => {
  test('has no more machines in work at a time, from their first stage to their last', async () => {
    const names = ['a', 'b', 'c', 'd', 'e']
    const slow = localManifest('hooks: {post_convert: [{type: script, path: ../slow.sh}]}\n')
    const folder = workspace({
      ...Object.fromEntries(names.map((name) => [`manifests/${name}.yaml`, slow])),
      'slow.sh': '#!/bin/sh\nsleep 0.3\n',
      'batches/all.yaml': `batch_version: "1.0"
batch_metadata: {batch_id: few, parallel_limit: 2}
vms: [${names.map((name, index) => `{manifest: ../manifests/${name}.yaml, priority: ${9 - index}}`).join(', ')}]
`,
    })
    chmodSync(join(folder, 'slow.sh'), 0o755)
    const { exitCode, events } = await apply(folder)
    expect(exitCode).toBe(0)
    const open = new Set<unknown>()
    let most = 0
    const began: unknown[] = []
    for (const { type, machine, stage } of events) {
      if (type === 'stage_start' && stage === 'preflight') began.push(machine)
      if (type === 'stage_start') open.add(machine)
      if (type === 'stage_done' && stage === 'publish') open.delete(machine)
      most = Math.max(most, open.size)
    }
    expect(most).toBe(2)
    expect(began).toEqual(['e', 'd', 'c', 'b', 'a'])
  })
})
