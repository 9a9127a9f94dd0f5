import { execFileSync, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

/** A Ceph of one monitor and one disk, in a folder of its own, that asks everybody for a key. */
export interface TestCeph {
  /** The port of its monitor on 127.0.0.1. */
  readonly port: number
  /** Of the user `h2k`, who may use the pool `vms` as virtual machines do. Base64. */
  readonly key: string
  /** The settings by which its administrator reaches it. */
  readonly settings: string
  /** Runs a command of its administrator: `rbd`, `ceph`. */
  run(tool: string, ...args: readonly string[]): string
  /** The images in the pool `vms`. */
  images(): readonly string[]
}

// As Ceph's own vstart.sh has it, and with cephx on.
const settingsOf = (folder: string, fsid: string, port: number) => `[global]
fsid = ${fsid}
run dir = ${folder}
log file = ${folder}/$name.log
admin socket = ${folder}/$name.asok
keyring = ${folder}/keyring
crash dir = ${folder}
mon host = ${addresses(port)}
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
osd pool default size = 1
osd pool default min size = 1
osd crush chooseleaf type = 0
mon allow pool size one = true
[mon]
mon data = ${folder}/mon
mon data avail crit = 1
[osd]
osd client watch timeout = 5
osd data = ${folder}/osd
osd objectstore = bluestore
osd memory target = 939524096
bluestore block size = 1073741824
bluestore block create = true
`

const addresses = (port: number) => `[v2:127.0.0.1:${port + 1},v1:127.0.0.1:${port}]`

/** Starts one, which ends with the tests of the file. It has no manager, and so tells nobody how much room it has. */
export function startCeph(port: number): TestCeph {
  const folder = mkdtempSync(join(tmpdir(), 'h2k-ceph-'))
  const file = (name: string) => join(folder, name)
  const fsid = randomUUID()
  writeFileSync(file('ceph.conf'), settingsOf(folder, fsid, port))
  for (const name of ['mon', 'osd']) mkdirSync(file(name))
  const env = { ...process.env, CEPH_CONF: file('ceph.conf') }
  const run = (tool: string, ...args: readonly string[]) =>
    execFileSync(tool, args, { env, encoding: 'utf8', timeout: 90_000, stdio: ['ignore', 'pipe', 'pipe'] }).trim()
  const started: { kill(signal: 'SIGKILL'): boolean }[] = []
  const start = (tool: string, id: string) => {
    const log = openSync(file(`${tool}.out`), 'w')
    started.push(spawn(tool, ['-f', '-i', id], { env, stdio: ['ignore', log, log] }))
    closeSync(log)
  }
  afterAll(() => {
    for (const daemon of started) daemon.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })

  const keyFor = (name: string, ...may: readonly string[]) => {
    const caps = may.flatMap((each) => ['--cap', ...each.split(': ')])
    run('ceph-authtool', '--create-keyring', file(name), '--gen-key', '-n', name, ...caps)
    run('ceph-authtool', file('keyring'), '--import-keyring', file(name))
  }
  writeFileSync(file('keyring'), '', { mode: 0o600 })
  keyFor('mon.', 'mon: allow *')
  keyFor('client.admin', 'mon: allow *', 'osd: allow *')
  keyFor('osd.0', 'mon: allow profile osd', 'osd: allow *')
  run('monmaptool', '--create', '--fsid', fsid, '--addv', 'a', addresses(port), file('monmap'))
  run('ceph-mon', '-i', 'a', '--mkfs', '--monmap', file('monmap'), '--keyring', file('keyring'))
  start('ceph-mon', 'a')
  const uuid = randomUUID()
  run('ceph', 'osd', 'new', uuid)
  run('ceph-osd', '-i', '0', '--mkfs', '--osd-uuid', uuid)
  start('ceph-osd', '0')
  run('ceph', 'osd', 'pool', 'create', 'vms', '8', '8')
  run('ceph', 'osd', 'pool', 'application', 'enable', 'vms', 'rbd')
  const rights = ['mon', 'profile rbd', 'osd', 'profile rbd pool=vms']
  run('ceph', 'auth', 'get-or-create', 'client.h2k', ...rights, '-o', file('client.h2k'))
  const [, key = ''] = /key = (\S+)/.exec(readFileSync(file('client.h2k'), 'utf8')) ?? []
  return {
    port,
    key,
    settings: file('ceph.conf'),
    run,
    images: () => run('rbd', 'ls', '-p', 'vms').split('\n').filter(Boolean),
  }
}
