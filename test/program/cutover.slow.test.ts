import { appendFileSync, chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startLibvirt } from '../support/libvirt.ts'
import { makeOva, makeWorkspace, ovaManifest, temporaryFolder } from '../support/machines.ts'
import { h2k, start } from '../support/program.ts'

const libvirt = startLibvirt()

const config = `h2k_version: 1
name: test
connections: {kvm1: {type: libvirt, uri: "${libvirt.uri}", domain_type: qemu}}
defaults: {target: kvm1}
waves:
  - {name: never, machines: [closed], window: {days: [DAY]}}
`
const dayAfterTomorrow = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'][(new Date().getUTCDay() + 2) % 7] ?? ''

interface State {
  readonly deeds: readonly {
    readonly stage: string
    readonly status: string
    readonly attempt: number
    readonly output?: Readonly<Record<string, unknown>>
  }[]
}

async function applied(name: string, cutover: string, rest = '') {
  const ova = makeOva(temporaryFolder(), name, [{ mib: 8, says: 'all is well\n' }])
  const manifest = (text: string) => ovaManifest(ova.path, `nics: []\nvm: {mem_gb: 0.125}\ncutover: {${text}}\n${rest}`)
  const folder = makeWorkspace({
    'h2k.yaml': config.replace('DAY', dayAfterTomorrow),
    [`manifests/${name}.yaml`]: manifest(cutover),
    'hooks/note.sh': '#!/bin/sh\necho "$1" >> "$2"\n',
  })
  chmodSync(folder, 0o755)
  chmodSync(join(folder, 'hooks/note.sh'), 0o755)
  const address = `machine.${name}`
  const run = (...args: string[]) => h2k(folder, args)
  await run('apply', '--auto-approve')
  // Each that runs takes time from the others.
  onTestFinished(() => {
    if (domains().includes(name) && domainState(name) !== 'shut off') libvirt.virsh('destroy', name)
  })
  return {
    folder,
    source: ova.path,
    address,
    run,
    disk: join(folder, `output/${name}/vmdisk1.qcow2`),
    rewrite: (text: string) => writeFileSync(join(folder, `manifests/${name}.yaml`), manifest(text)),
    cutover: (env = {}) => h2k(folder, ['cutover', address, '--auto-approve'], env),
    rollback: (...args: string[]) => run('rollback', address, '--auto-approve', ...args),
    deeds: async () => (await run('state', 'show', address, '--json')).data<State>().deeds,
  }
}

const domains = () => libvirt.virsh('list', '--all', '--name').split('\n')
const domainState = (name: string) => libvirt.virsh('domstate', name).trim()
const serial = 'verify: {expect: all is well, timeout_seconds: 60}, shutdown_seconds: 1'

describe('a machine that is cut over', () => {
  test('is started, shows that it works, is left alone by apply, and is taken back with its disks', async () => {
    const hook = (what: string) => `[{type: script, path: ../hooks/note.sh, args: [${what}, "{{ pwd }}/notes"]}]`
    const hooks = `hooks: {pre_cutover: ${hook('before')}, post_cutover: ${hook('after')}}\n`
    const { folder, run, address, cutover, rollback, deeds, disk, source } = await applied('web', serial, hooks)
    const shown = await run('cutover', address)
    expect(shown.exitCode).toBe(7)
    expect(shown.stderr).toContain('APPROVAL_MISSING')
    expect(shown.stdout).toContain('its serial port says "all is well"')
    expect(domainState('web')).toBe('shut off')

    const ended = await cutover()
    expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
    expect(domainState('web')).toBe('running')
    expect(readFileSync(join(folder, 'notes'), 'utf8')).toBe('before\nafter\n')
    const [done] = await deeds()
    expect(done).toMatchObject({
      stage: 'cutover',
      status: 'done',
      output: { downtimeSeconds: expect.any(Number), verified: ['it runs', 'its serial port said: all is well'] },
    })
    expect((await run('state', 'show', address)).stdout).toMatch(/downtime [0-9.]+ s/)
    expect((await run('state', 'history', address)).stdout).toMatch(/machine\.web\/cutover +done/)
    expect((await run('state', 'list')).stdout).toContain('cut over')

    // What a guest does, and what becomes of an export that nobody needs any more.
    appendFileSync(disk, 'written')
    const plan = await run('plan', '--detailed-exitcode')
    expect(plan.exitCode, plan.stdout).toBe(0)
    expect(plan.stdout).toContain('machine.web is as git says, cut over at ')
    expect((await run('drift', '--detailed-exitcode')).exitCode).toBe(0)
    const again = await cutover()
    expect([again.exitCode, again.stdout]).toEqual([0, expect.stringContaining('machine.web was cut over at ')])
    appendFileSync(source, 'x')
    const changed = await run('apply', '--auto-approve')
    expect(changed.stderr).toContain('DISK_WRITTEN')
    expect(domainState('web')).toBe('running')

    const refused = await rollback()
    expect(refused.exitCode).toBe(1)
    expect(refused.stderr).toContain('ROLLBACK_FAILED')
    expect(domainState('web')).toBe('running')
    const back = await rollback('--force')
    expect(back.exitCode, back.stdout + back.stderr).toBe(0)
    expect(back.stdout).toContain('source  nothing to do')
    expect(domainState('web')).toBe('shut off')
    expect(existsSync(disk)).toBe(true)
    expect((await deeds()).find(({ stage }) => stage === 'rollback')?.output).toMatchObject({ off: 'switched off' })
    expect((await rollback()).stdout).toContain('is rolled back already')
  })

  test('is waited for by TCP from here', async () => {
    const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await new Promise((settle) => server.once('listening', settle))
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const { cutover, deeds } = await applied('tcp', `verify: {tcp: "127.0.0.1:${port}"}, shutdown_seconds: 0`)
    const ended = await cutover()
    expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
    expect((await deeds())[0]?.output?.verified).toEqual(['it runs', `127.0.0.1 takes connections at port ${port}`])
  })
})

describe('a machine that is to start with its host', () => {
  const starts = () => /Autostart: +enable/.test(libvirt.virsh('dominfo', 'early'))

  test('does so from its cutover on, and no more when that is taken back', async () => {
    const { run, cutover, rollback } = await applied(
      'early',
      'shutdown_seconds: 0',
      'libvirt_integration: {autostart: true, auto_start: true}\n',
    )
    expect([starts(), domainState('early')]).toEqual([false, 'shut off'])
    libvirt.virsh('autostart', 'early')
    expect((await cutover()).stderr).toContain('CUTOVER_REFUSED: domain early changed: autostart: false -> true')
    expect((await run('apply', '--auto-approve')).exitCode).toBe(0)
    expect(starts()).toBe(false)

    const killed = await cutover({ H2K_FAILPOINT: 'cutover:after-effect:kill' })
    expect(killed.signal).toBe('SIGKILL')
    const ended = await cutover()
    expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
    expect(starts()).toBe(true)
    expect((await run('drift', '--detailed-exitcode')).exitCode).toBe(0)
    libvirt.virsh('autostart', '--disable', 'early')
    expect((await run('plan')).stdout).toContain('autostart: true -> false')
    expect((await run('apply', '--auto-approve')).exitCode).toBe(0)
    expect(starts()).toBe(true)

    const back = await rollback('--force')
    expect(back.exitCode, back.stdout + back.stderr).toBe(0)
    expect(starts()).toBe(false)
    expect((await run('plan', '--detailed-exitcode')).exitCode).toBe(0)
    expect((await run('drift', '--detailed-exitcode')).exitCode).toBe(0)
  })
})

describe('machines that depend on others', () => {
  test('are cut over after them, and not at all when one of those is not', async () => {
    const [one, other] = ['db', 'shop'].map((name) => makeOva(temporaryFolder(), name, [{ mib: 4 }], 'bios'))
    const manifest = (path = '', keys = '') =>
      ovaManifest(path, `nics: []\nvm: {mem_gb: 0.125}\ncutover: {shutdown_seconds: 0, ${keys}}\n`)
    const folder = makeWorkspace({
      'h2k.yaml': config.replace('DAY', dayAfterTomorrow),
      'manifests/db.yaml': manifest(one?.path, 'verify: {agent: true, timeout_seconds: 1}'),
      'manifests/shop.yaml': `${manifest(other?.path)}depends_on: [db]\n`,
    })
    chmodSync(folder, 0o755)
    const run = (...args: string[]) => h2k(folder, args)
    expect((await run('apply', '--auto-approve')).exitCode).toBe(0)
    onTestFinished(
      () => void ['db', 'shop'].map((name) => domainState(name) !== 'shut off' && libvirt.virsh('destroy', name)),
    )
    const both = ['machine.shop', 'machine.db']
    const alone = await run('cutover', 'machine.shop', '--auto-approve')
    expect([alone.exitCode, alone.stdout]).toEqual([
      7,
      expect.stringContaining('machine.shop waits: depends_on: machine.db is not cut over'),
    ])
    const failed = await run('cutover', ...both, '--auto-approve')
    expect(failed.exitCode).toBe(1)
    expect(failed.stderr).toContain('CUTOVER_REFUSED: depends_on: machine.db is not cut over')
    expect(domainState('shop')).toBe('shut off')
    writeFileSync(join(folder, 'manifests/db.yaml'), manifest(one?.path))
    const done = await run('cutover', ...both, '--auto-approve', '--json')
    expect(done.exitCode, done.stderr).toBe(0)
    expect(done.data<{ readonly done: readonly string[] }>().done).toEqual(['db', 'shop'])

    // Whoever says so turns it off alone, and it is the latest from then on.
    const back = (...args: string[]) => run('rollback', ...args, '--auto-approve')
    const database = await back('machine.db', '--force')
    expect(database.exitCode, database.stderr).toBe(0)
    expect(database.stdout).toContain('machine.shop depends on it and stays cut over')
    expect((await run('cutover', 'machine.db', '--auto-approve')).exitCode).toBe(0)
    const stuck = await back(...both)
    expect(stuck.exitCode).toBe(1)
    expect(stuck.stderr).toContain('ROLLBACK_FAILED: machine.shop depends on it and was not rolled back')
    expect([domainState('shop'), domainState('db')]).toEqual(['running', 'running'])
    expect((await run('state', 'mv', 'machine.db', 'machine.database')).exitCode).toBe(0)
    const whole = await back('machine.shop', 'machine.database', '--force', '--json')
    expect(whole.exitCode, whole.stderr).toBe(0)
    expect(whole.data<{ readonly done: readonly string[] }>().done).toEqual(['shop', 'database'])
  })
})

describe('a machine that does not show that it works', () => {
  test('is rolled back, or kept where git says so, and is cut over when it does', async () => {
    const { cutover, deeds, rewrite } = await applied(
      'mute',
      'verify: {agent: true, timeout_seconds: 2}, shutdown_seconds: 0',
    )
    const failed = await cutover()
    expect(failed.exitCode).toBe(1)
    expect(failed.stderr).toContain('CUTOVER_FAILED: it did not show that it works: its guest agent did not answer')
    expect(domainState('mute')).toBe('shut off')
    expect((await deeds()).map(({ stage, status }) => `${stage} ${status}`)).toEqual([
      'cutover failed',
      'rollback done',
    ])

    rewrite('verify: {agent: true, timeout_seconds: 2}, on_failure: keep, shutdown_seconds: 0')
    expect((await cutover()).exitCode).toBe(1)
    expect(domainState('mute')).toBe('running')
    rewrite(serial)
    const ended = await cutover()
    expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
    expect(ended.stdout).toContain('going on since')
    expect((await deeds())[0]).toMatchObject({ status: 'done', attempt: 3 })
  })
})

describe('a cutover is refused', () => {
  test('when a source changed since the copy, or somebody edited or started the domain', async () => {
    const { run, cutover, source } = await applied('drifted', serial)
    libvirt.virsh('start', 'drifted')
    expect((await cutover()).stderr).toContain('CUTOVER_REFUSED: the domain drifted runs already')
    libvirt.virsh('destroy', 'drifted')
    libvirt.define(libvirt.xml('drifted').replace(/<vcpu[^>]*>2</, "<vcpu placement='static'>4<"))
    const edited = await cutover()
    expect([edited.exitCode, edited.stderr]).toEqual([
      1,
      expect.stringContaining('CUTOVER_REFUSED: domain drifted changed'),
    ])
    expect((await run('apply', '--auto-approve')).exitCode).toBe(0)
    appendFileSync(source, 'x')
    expect((await cutover()).stderr).toMatch(/CUTOVER_REFUSED: source .* has \d+ bytes/)
    expect(domainState('drifted')).toBe('shut off')
  })

  test('before its machine is done', async () => {
    const { run, address, rewrite, cutover } = await applied('half', serial)
    rewrite(`${serial}}\noutput: {format: raw`)
    const refused = await cutover()
    expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining('not everything of it is done')])
    expect((await run('rollback', address)).stderr).toContain('it was never cut over')
  })
})

describe('a cutover waits', () => {
  test('for its time and for an approval, which holds for one cutover and as long as it says', async () => {
    const { run, address, cutover, rewrite, deeds, rollback } = await applied('later', 'at: 2999-01-01T00:00:00Z')
    const early = await cutover()
    expect([early.exitCode, early.stdout]).toEqual([7, expect.stringContaining('waits: cutover.at: not before 2999')])
    rewrite('require_approval: true, shutdown_seconds: 0')
    const unapproved = await cutover()
    expect([unapproved.exitCode, unapproved.stdout]).toEqual([7, expect.stringContaining('h2k approve machine.later')])
    expect((await run('approve', address, '--until', 'tomorrow')).stderr).toContain('--until is a time with its zone')
    expect((await run('approve', address, '--by', 'Change board', '--until', '2999-01-01T00:00:00Z')).exitCode).toBe(0)
    expect((await run('state', 'show', address)).stdout).toContain('by Change board, until 2999-01-01T00:00:00Z')
    expect((await cutover()).exitCode).toBe(0)
    expect(domainState('later')).toBe('running')
    expect((await rollback('--force')).exitCode).toBe(0)
    expect((await cutover()).exitCode).toBe(7)
    expect((await deeds()).map(({ stage }) => stage)).toEqual(['approval', 'cutover', 'rollback'])
  })

  test('for the window of its wave', async () => {
    const { run, address, folder, cutover } = await applied('closed', serial)
    const open = config.replace('DAY', 'sun, mon, tue, wed, thu, fri, sat')
    writeFileSync(join(folder, 'h2k.yaml'), open)
    expect((await run('apply', '--auto-approve')).exitCode).toBe(0)
    writeFileSync(join(folder, 'h2k.yaml'), config.replace('DAY', dayAfterTomorrow))
    const waits = await cutover()
    expect([waits.exitCode, waits.stdout]).toEqual([7, expect.stringContaining(`${address} waits: wave never waits`)])
    expect(domainState('closed')).toBe('shut off')
  })
})

describe('killed', () => {
  test.each(['in-effect', 'after-effect'])('at %s the next cutover goes on', async (point) => {
    const { cutover, deeds } = await applied(`killed-${point}`, serial)
    const killed = await cutover({ H2K_FAILPOINT: `cutover:${point}:kill` })
    expect(killed.signal, killed.stdout + killed.stderr).toBe('SIGKILL')
    const ended = await cutover()
    expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
    expect(domainState(`killed-${point}`)).toBe('running')
    expect(await deeds()).toMatchObject([{ stage: 'cutover', status: 'done' }])
  })

  test('a rollback goes on, and a cutover that is told to stop is left as it is', async () => {
    const { folder, run, address, deeds, rewrite, rollback } = await applied('stopped', serial.replace('well', 'lost'))
    const running = start(folder, ['cutover', address, '--auto-approve', '--json'])
    await expect.poll(() => domainState('stopped'), { timeout: 60_000 }).toBe('running')
    running.child.kill('SIGINT')
    expect((await running.ended).exitCode).toBe(130)
    expect(domainState('stopped')).toBe('running')
    expect(await deeds()).toMatchObject([{ status: 'interrupted' }])
    rewrite(serial)
    expect((await run('plan', '--detailed-exitcode')).exitCode).toBe(0)
    const killed = await h2k(folder, ['rollback', address, '--force', '--auto-approve'], {
      H2K_FAILPOINT: 'rollback:after-effect:kill',
    })
    expect(killed.signal).toBe('SIGKILL')
    expect((await rollback()).exitCode).toBe(0)
    expect((await deeds()).at(-1)).toMatchObject({ stage: 'rollback', status: 'done', output: { off: 'was off' } })
  })
})
