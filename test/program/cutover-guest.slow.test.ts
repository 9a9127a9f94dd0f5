import { execFileSync } from 'node:child_process'
import { chmodSync, closeSync, existsSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { makeWorkspace, qemuImg, temporaryFolder } from '../support/machines.ts'
import { movingDomains } from '../support/moving-domains.ts'
import { h2k } from '../support/program.ts'

const { old, config, stateOf } = movingDomains()
const patience = 10 * 60_000

/** A small Debian that shuts down when its power button is pressed, on a disk of its own, and what its serial port said. */
function guest(name: string) {
  const images = temporaryFolder()
  chmodSync(images, 0o755)
  execFileSync(resolve('scripts/demo-guest.sh'), [images], { stdio: 'pipe' })
  execFileSync('tar', ['-xf', join(images, 'web01.ova'), '-C', images, 'web01-disk1.vmdk'])
  const image = join(images, `${name}.qcow2`)
  qemuImg('convert', '-O', 'qcow2', join(images, 'web01-disk1.vmdk'), image)
  chmodSync(image, 0o666)
  const log = join(old.folder, 'log', `${name}-serial.log`)
  old.define(`<domain type='qemu'><name>${name}</name><memory unit='MiB'>256</memory><vcpu>1</vcpu>
    <os><type arch='x86_64' machine='pc'>hvm</type></os><features><acpi/></features>
    <devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='${image}'/>
    <target dev='vda' bus='virtio'/></disk><serial type='pty'><log file='${log}'/></serial></devices></domain>`)
  const said = () => (existsSync(log) ? readFileSync(log, 'utf8') : '')
  const waitFor = (text: string) => expect.poll(said, { timeout: patience / 4, interval: 500 }).toContain(text)
  return { said, waitFor }
}

test(
  'a guest that is asked to shut down does so, and what it wrote last boots at the target',
  async () => {
    const { waitFor } = guest('real')
    old.virsh('start', 'real')
    const folder = makeWorkspace({ 'h2k.yaml': config() })
    chmodSync(folder, 0o755)
    const run = (...args: string[]) => h2k(folder, args)
    expect((await run('import', '--domain', 'real', '--connection', 'old')).exitCode).toBe(0)
    const manifest = join(folder, 'manifests/real.yaml')
    const verify = 'verify: {expect: written-while-it-ran, timeout_seconds: 300}'
    const cutover = `cutover: {source_action: shutdown, shutdown_seconds: 120, ${verify}}\n`
    writeFileSync(manifest, `${readFileSync(manifest, 'utf8')}${cutover}`)
    const applied = await run('apply', '--auto-approve')
    expect(applied.exitCode, applied.stdout + applied.stderr).toBe(0)

    await waitFor('login:')
    const serial = openSync(old.virsh('ttyconsole', 'real').trim(), 'r+')
    writeSync(serial, 'root\n')
    // Nothing flushes it but the shutdown.
    const lines = ["echo 'echo written-while-it-ran >/dev/console' >>/etc/init.d/rcS", 'echo that-is-$((40+2))']
    await waitFor('~ # ')
    writeSync(serial, `${lines.join('\n')}\n`)
    await waitFor('that-is-42')
    closeSync(serial)

    const ended = await run('cutover', 'machine.real', '--auto-approve')
    expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
    const { deeds } = (await run('state', 'show', 'machine.real', '--json')).data<{
      readonly deeds: readonly { readonly stage: string; readonly output: object }[]
    }>()
    expect(deeds.map(({ stage, output }) => ({ stage, ...output }))).toMatchObject([
      { stage: 'cutover', verified: ['it runs', 'its serial port said: written-while-it-ran'] },
      { stage: 'source_off', off: 'shut down' },
    ])
    expect(stateOf(old, 'real')).toBe('shut off')
  },
  patience,
)
