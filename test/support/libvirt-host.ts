import { execFile, execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { temporaryFolder } from './machines.ts'

const run = promisify(execFile)
const rootUuid = '8d0f6c5e-7a1b-4c3e-9b2a-0a57f1e0de21'

/** A host with a libvirt of its own, in a guest under software emulation, that is reached by ssh alone. */
export interface LibvirtHost {
  readonly uri: string
  /** What h2k needs to reach it: `ssh` on this PATH shares one connection, as a user's settings may say. */
  readonly env: Readonly<Record<string, string>>
  /** Runs a command of its shell as root there, and settles with what it prints. */
  shell(command: string): Promise<string>
  /** A PATH on which the connection that all share is cut, once, two seconds after such a command of virsh began. */
  cuttingAt(command: string): string
  /** Ends it. */
  stop(): Promise<void>
}

/** Builds the host, once, and boots it; `stop` ends it. Its volume group is vg0, of 252 MiB. */
export async function startLibvirtHost(): Promise<LibvirtHost> {
  const { stdout } = await run('scripts/libvirt-host.sh', { timeout: 900_000 })
  const built = stdout.trim()
  const folder = mkdtempSync(join(tmpdir(), 'h2k-host-'))
  const file = (name: string) => join(folder, name)
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file('key')])
  const [, key = ''] = readFileSync(file('key.pub'), 'utf8').split(' ')
  writeFileSync(file('group.raw'), '')
  truncateSync(file('group.raw'), 256 * 2 ** 20)
  const port = await freePort()
  const append = `root=UUID=${rootUuid} rw console=ttyS0 net.ifnames=0 mitigations=off quiet ssh_key=${key}`
  const machine = ['-machine', 'q35', '-accel', 'tcg', '-cpu', 'max', '-smp', '1', '-m', '1024', '-nodefaults']
  const output = ['-display', 'none', '-no-reboot', '-serial', `file:${file('serial')}`]
  const kernel = ['-kernel', join(built, 'vmlinuz'), '-initrd', join(built, 'initrd'), '-append', append]
  const root = ['-drive', `file=${join(built, 'root.raw')},format=raw,if=virtio,snapshot=on`]
  const group = ['-drive', `file=${file('group.raw')},format=raw,if=virtio`]
  const net = ['-netdev', `user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:${port}-:22`]
  const nic = ['-device', 'virtio-net-pci,netdev=net']
  const args = [...machine, ...output, ...kernel, ...root, ...group, ...net, ...nic]
  const qemu = spawn('qemu-system-x86_64', args, { stdio: 'ignore' })

  // The settings in a user's home folder are not the tests' to write.
  const options = [
    'StrictHostKeyChecking=no',
    `UserKnownHostsFile=${file('known_hosts')}`,
    'ControlMaster=auto',
    `ControlPath=${file('control')}`,
    'ControlPersist=600',
    'LogLevel=ERROR',
  ].flatMap((option) => ['-o', option])
  const real = execFileSync('which', ['ssh'], { encoding: 'utf8' }).trim()
  writeFileSync(file('ssh'), `#!/bin/sh\nexec ${real} ${options.join(' ')} "$@"\n`, { mode: 0o755 })
  const host = ['-i', file('key'), '-p', String(port), 'root@127.0.0.1']
  const shell = async (command: string) =>
    (await run(file('ssh'), [...host, command], { timeout: 120_000 })).stdout.trim()
  writeFileSync(file('cut'), `#!/bin/sh\nexec ${file('ssh')} -O exit ${host.join(' ')}\n`, { mode: 0o755 })
  const stop = async () => {
    await run(file('cut')).catch(() => undefined)
    qemu.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await whenUp(
      () => shell('virsh -q list --all'),
      () => readFileSync(file('serial'), 'utf8'),
    )
  } catch (error) {
    await stop()
    throw error
  }
  return {
    uri: `qemu+ssh://root@127.0.0.1:${port}/system?keyfile=${file('key')}&no_verify=1`,
    env: { PATH: `${folder}:${process.env.PATH}` },
    shell,
    stop,
    cuttingAt(command) {
      const bin = temporaryFolder()
      const virsh = execFileSync('which', ['virsh'], { encoding: 'utf8' }).trim()
      const once = `if mkdir '${bin}/once' 2>/dev/null; then (sleep 2; exec ${file('cut')}) & fi`
      const script = `#!/bin/sh\ncase "$*" in *${command}*) ${once} ;; esac\nexec ${virsh} "$@"\n`
      writeFileSync(join(bin, 'virsh'), script, { mode: 0o755 })
      return `${bin}:${folder}:${process.env.PATH}`
    },
  }
}

async function whenUp(attempt: () => Promise<unknown>, serial: () => string): Promise<void> {
  const end = Date.now() + 240_000
  for (;;) {
    try {
      await attempt()
      return
    } catch (error) {
      if (Date.now() > end) throw new Error(`the host did not come up: ${serial().slice(-2000)}`, { cause: error })
      await new Promise((settle) => setTimeout(settle, 1000))
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((settle) => server.listen(0, '127.0.0.1', settle))
  const address = server.address()
  await new Promise((settle) => server.close(settle))
  if (address === null || typeof address === 'string') throw new Error('there is no port')
  return address.port
}
