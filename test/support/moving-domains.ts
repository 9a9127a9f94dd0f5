import { createHash } from 'node:crypto'
import { chmodSync, closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { startLibvirt, type TestLibvirt } from './libvirt.ts'
import { contentOf, makeWorkspace, temporaryFolder, writeRaw } from './machines.ts'
import { h2k } from './program.ts'

interface Deed {
  readonly stage: string
  readonly status: string
  readonly output?: Readonly<Record<string, unknown>>
}

/** What a guest does: writes to its disk, where it shows in the copy. */
export function write(path: string, text: string): void {
  const file = openSync(path, 'r+')
  writeSync(file, text, 2 << 20)
  closeSync(file)
}

/** Of a file, also of one that is in use. */
export const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

export const atOnce = 'source_action: power_off, shutdown_seconds: 0'

/**
 * Two libvirts, and machines that move from the `old` one to the `next`. Both end with the tests of the file. With a port the
 * old one counts as another host.
 */
export function movingDomains(port?: number) {
  const old = startLibvirt(port)
  const oldUri = port === undefined ? old.uri : `qemu+tcp://127.0.0.1:${port}/system`
  const next = startLibvirt()

  const config = (rest = '') => `h2k_version: 1
name: test
connections:
  old: {type: libvirt, uri: "${oldUri}"}
  new: {type: libvirt, uri: "${next.uri}", domain_type: qemu}
defaults: {target: new}
${rest}`

  const stateOf = (libvirt: TestLibvirt, name: string) => libvirt.virsh('domstate', name).trim()
  const startsWithHost = (name: string) => /Autostart: +enable/.test(old.virsh('dominfo', name))

  function defineSource(name: string, image: string, more = ''): void {
    old.define(`<domain type='qemu'><name>${name}</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>
      <os><type arch='x86_64' machine='pc'>hvm</type></os><features><acpi/></features>
      <devices><disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='${image}'/>
      <target dev='vda' bus='virtio'/></disk>${more}</devices></domain>`)
  }

  /** A domain in one libvirt, applied to the other while it runs. */
  async function applied(name: string, cutover: string, keys = '', more: (images: string) => string = () => '') {
    const images = temporaryFolder()
    chmodSync(images, 0o755)
    const image = join(images, `${name}.raw`)
    writeRaw(image, 4)
    defineSource(name, image, more(images))
    old.virsh('start', name)
    old.virsh('autostart', name)
    const folder = makeWorkspace({ 'h2k.yaml': config() })
    chmodSync(folder, 0o755)
    onTestFinished(() => {
      for (const libvirt of [old, next]) {
        if (libvirt.virsh('list', '--name').split('\n').includes(name)) libvirt.virsh('destroy', name)
      }
    })
    const run = (...args: string[]) => h2k(folder, args)
    expect((await run('import', '--domain', name, '--connection', 'old')).exitCode).toBe(0)
    const manifest = join(folder, `manifests/${name}.yaml`)
    const imported = readFileSync(manifest, 'utf8')
    const rewrite = (text: string, more = keys) => writeFileSync(manifest, `${imported}cutover: {${text}}\n${more}`)
    rewrite(cutover)
    const address = `machine.${name}`
    const writing = setInterval(() => write(image, `at ${performance.now()}`), 5)
    const ended = await run('apply', '--auto-approve').finally(() => clearInterval(writing))
    expect(ended.exitCode, ended.stdout + ended.stderr).toBe(0)
    return {
      folder,
      image,
      address,
      run,
      rewrite,
      cutover: (env = {}) => h2k(folder, ['cutover', address, '--auto-approve'], env),
      rollback: (env = {}) => h2k(folder, ['rollback', address, '--force', '--auto-approve'], env),
      both: () => [stateOf(old, name), stateOf(next, name)],
      deeds: async () =>
        (await run('state', 'show', address, '--json')).data<{ readonly deeds: readonly Deed[] }>().deeds,
      // Of the disk that the target starts from, and of what the source has.
      same: () => contentOf(join(folder, `output/${name}/vda.qcow2`), 'qcow2') === sha256(image),
    }
  }

  return { old, next, config, applied, stateOf, startsWithHost }
}
