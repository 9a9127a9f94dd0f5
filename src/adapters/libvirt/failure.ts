import { printable } from '../../core/printable.ts'
import type { Problem } from '../../core/problem.ts'
import type { Finished } from '../../ports/runner.ts'

// What virsh says when it never had a connection, or has it no more (`virnetclient.c`, `virsh.c`).
const noConnection =
  /failed to connect to the hypervisor|failed to reconnect|Disconnected from|Cannot (?:recv|write) data|end of file while reading|client socket is closed|connection (?:closed|reset|refused)|keepalive/i

type Hints = readonly (readonly [RegExp, string])[]

const whenLost: Hints = [
  [/host key verification|publickey|(?<!\+)ssh:/i, 'ssh to the host once by hand: it has to need no password'],
  [/permission denied|authentication|access denied/i, 'sudo usermod -aG libvirt $USER, log in again'],
  [/no such file or directory|connection refused/i, 'start libvirt: sudo systemctl start libvirtd.socket'],
]

const whenRefused: Hints = [
  [/unable to find any firmware|no suitable firmware/i, 'on the host: apt-get install ovmf'],
  [/swtpm/i, 'on the host: apt-get install swtpm swtpm-tools'],
  [/storage source conflict/i, 'libvirt_integration: {import_to_pool: …} with the pool that is there'],
  [
    /cannot access storage file|could not open .*permission denied/is,
    'the user that QEMU runs as has to come by the folder of the disks: chmod o+x it and those above it, or import_to_pool',
  ],
  [
    /cannot unlink file .*permission denied/is,
    'libvirt removes a file on NFS as its owner: on the host, give the folder of the pool to the user that QEMU runs as',
  ],
  [/failed to initialize kvm|\/dev\/kvm|MSR/i, 'where KVM does not work: domain_type: qemu in the connection'],
  [/asynchronous jobs running/i, 'something is uploaded into the pool: try again when that has ended'],
  [/no space left/i, 'make room there'],
]

// virsh writes to its ssh without a word of what happens when that is gone: SIGPIPE ends it (128 and 13).
const brokenPipe = 141

/** What virsh said when it failed, as one who sees it in a plan needs it. */
export function failureOf(
  command: string,
  uri: string,
  { exitCode, stderr }: Pick<Finished, 'exitCode' | 'stderr'>,
): Pick<Problem, 'code' | 'summary' | 'hint'> {
  const lines = stderr
    .split('\n')
    .map((line) => line.replace(/^error: /, '').trim())
    .filter((line) => line !== '' && line !== '^')
  const lost = noConnection.test(stderr) || exitCode === brokenPipe
  const silent = exitCode === brokenPipe ? `${command}: the connection was cut` : 'it said nothing'
  const words = printable(lines.slice(0, 6).join(': ').slice(0, 600)) || silent
  const hint = (lost ? whenLost : whenRefused).find(([pattern]) => pattern.test(stderr))?.[1]
  return {
    code: lost ? 'TARGET_UNREACHABLE' : 'TARGET_FAILED',
    summary: lost ? `${uri}: ${words}` : `${uri}: ${command}: ${words}`,
    ...(hint === undefined ? {} : { hint }),
  }
}
