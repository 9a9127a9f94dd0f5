import { expect, test } from 'vitest'
import { checkHost } from '../../../src/adapters/libvirt/check-host.ts'
import type { Virsh } from '../../../src/adapters/libvirt/virsh.ts'
import { problemsOf } from '../../../src/core/problem.ts'
import type { CheckedDisks, PublishDomain } from '../../../src/ports/target.ts'

const said: Readonly<Record<string, string>> = {
  capabilities: '<capabilities><guest><arch name="x86_64"><domain type="kvm"/></arch></guest></capabilities>',
  domcapabilities: '<domainCapabilities><os/><devices/></domainCapabilities>',
}

/** A host, as its libvirt tells of it: an old QEMU is nothing that could be had here. */
function hostWith(hypervisor: string): Virsh {
  return {
    uri: 'qemu+ssh://old/system',
    run: async ([command = '']) =>
      command === 'version'
        ? `Using library: libvirt 6.0.0\nUsing API: QEMU 6.0.0\nRunning hypervisor: ${hypervisor}\n`
        : (said[command] ?? ''),
    digest: async () => '',
  }
}

const machine = {
  hardware: { machineType: 'q35', firmware: 'bios', secureBoot: false, tpm: false },
  nics: [],
  libvirt: { uri: 'qemu+ssh://old/system' },
} as unknown as PublishDomain

const checked = (hypervisor: string, disks: CheckedDisks) =>
  checkHost(hostWith(hypervisor), machine, disks, new AbortController().signal).then(() => undefined, problemsOf)

test('a host whose QEMU reads no zstd is refused for disks that are compressed with it', async () => {
  const [problem] = (await checked('QEMU 4.2.1', { compression: 'zstd' })) ?? []
  expect(problem).toMatchObject({ code: 'TARGET_UNFIT', hint: expect.stringContaining('compression: zlib') })
  expect(problem?.summary).toBe('qemu+ssh://old/system runs QEMU 4.2.1, which reads no zstd')
  expect(await checked('QEMU 5.0.0', { compression: 'zstd' })).toHaveLength(1)
})

test.each([
  ['QEMU 4.2.1', { compression: 'zlib' }],
  ['QEMU 4.2.1', {}],
  ['QEMU 5.1.0', { compression: 'zstd' }],
  ['QEMU 10.0.2', { compression: 'zstd' }],
  ['TEST 0.0.2', { compression: 'zstd' }],
] as const)('%s is not, for %o', async (hypervisor, disks) => {
  expect(await checked(hypervisor, disks)).toBeUndefined()
})
