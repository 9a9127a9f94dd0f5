import { describe, expect, test } from 'vitest'
import { domainTypeOf } from '../../../src/adapters/libvirt/capabilities.ts'
import { createVirsh } from '../../../src/adapters/libvirt/virsh.ts'
import { problemsOf } from '../../../src/core/problem.ts'
import type { Command, Runner } from '../../../src/ports/runner.ts'

const { signal } = new AbortController()

/** A runner whose tool says this. */
function saying(answer: { readonly exitCode?: number; readonly stdout?: string; readonly stderr?: string }) {
  const commands: Command[] = []
  const runner: Pick<Runner, 'run'> = {
    async run(command) {
      commands.push(command)
      command.onOutput?.(answer.stdout ?? '')
      return { exitCode: 0, stdout: '', stderr: '', ...answer }
    },
  }
  return { commands, virsh: createVirsh(runner, 'qemu:///system', { PATH: '/bin', SECRET: 'x', SSH_AUTH_SOCK: '/s' }) }
}

describe('what virsh says when it fails', () => {
  test.each([
    [
      'error: failed to connect to the hypervisor\nerror: Failed to connect socket to /x: No such file or directory',
      'TARGET_UNREACHABLE',
    ],
    [
      'error: Disconnected from qemu:///system due to end of file\nerror: Failed to define domain',
      'TARGET_UNREACHABLE',
    ],
    ['error: Cannot recv data: Connection reset by peer', 'TARGET_UNREACHABLE'],
    ["error: failed to get domain 'nope'", 'TARGET_FAILED'],
    ['error: internal error: cannot create file: No space left on device', 'TARGET_FAILED'],
    ['', 'TARGET_FAILED'],
  ])('%j is %s', async (stderr, code) => {
    const { virsh } = saying({ exitCode: 1, stderr })
    const thrown = await virsh.run(['list'], signal).catch((error: unknown) => error)
    expect(problemsOf(thrown)?.map((problem) => problem.code)).toEqual([code])
  })
})

test('a connection that is cut while virsh writes to it is no refusal, and ssh is no part of a URI that has it in its name', async () => {
  const attempt = async (answer: Parameters<typeof saying>[0]) =>
    problemsOf(
      await saying(answer)
        .virsh.run(['vol-upload'], signal)
        .catch((error: unknown) => error),
    )
  expect(await attempt({ exitCode: 141 })).toMatchObject([
    { code: 'TARGET_UNREACHABLE', summary: 'qemu:///system: vol-upload: the connection was cut' },
  ])
  const gone = 'error: Disconnected from qemu+ssh://kvm1/system due to keepalive timeout'
  const [lost] = (await attempt({ exitCode: 1, stderr: gone })) ?? []
  expect([lost?.code, lost?.hint]).toEqual(['TARGET_UNREACHABLE', undefined])
  const refused = 'error: Cannot recv data: ssh: connect to host kvm1 port 22: No route to host: Connection reset'
  const [ssh] = (await attempt({ exitCode: 1, stderr: refused })) ?? []
  expect(ssh?.hint).toContain('ssh to the host once by hand')
})

test('of several commands one that failed is a failure, although virsh says 0', async () => {
  const { virsh } = saying({ stdout: '', stderr: "error: failed to get domain 'nope'" })
  await expect(virsh.run(['dumpxml nope; list'], signal)).rejects.toThrow('nope')
})

test('virsh gets no more of the environment than it needs', async () => {
  const { virsh, commands } = saying({})
  await virsh.run(['list'], signal)
  expect(commands[0]).toMatchObject({
    args: ['-q', '-c', 'qemu:///system', 'list'],
    env: { PATH: '/bin', SSH_AUTH_SOCK: '/s', LC_ALL: 'C' },
  })
  expect(commands[0]?.env).not.toHaveProperty('SECRET')
})

test.each([
  ["<domain type='qemu'/><domain type='kvm'/>", 'kvm'],
  ["<domain type='qemu'/>", 'qemu'],
])('a host with %s gives %s', async (domains, type) => {
  const guest = (arch: string, inside: string) => `<guest><arch name='${arch}'>${inside}</arch></guest>`
  const stdout = `<capabilities>${guest('i686', "<domain type='kvm'/>")}${guest('x86_64', domains)}</capabilities>`
  expect(await domainTypeOf(saying({ stdout }).virsh, signal)).toBe(type)
})
