import { assert, constantFrom, integer, nat, option, property, record, string, uniqueArray } from 'fast-check'
import { expect, test } from 'vitest'
import { parseDomain } from '../../../src/core/domain/parse-domain.ts'
import { type Domain, domainXml } from '../../../src/core/domain-xml.ts'
import type { Nic } from '../../../src/core/machine.ts'
import { fuzzRuns } from '../../support/fuzz-runs.ts'
import { hostileNames } from '../hostile-names.ts'
import { meant, optional, writtenAs } from './written-as.ts'

// As the language lets them through: paths and networks without control characters, and nothing that UTF-8 cannot hold.
const plainText = string({ unit: 'grapheme', minLength: 1, maxLength: 30 }).filter(
  (text) => !/[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u.test(text),
)
const anyText = constantFrom(...hostileNames.filter((name) => name !== '')).chain((name) =>
  plainText.map((text) => (text.length % 2 === 0 ? name : text)),
)
const mac = nat({ max: 0xffffff }).map((number) => {
  const digits = number.toString(16).padStart(6, '0')
  return `00:50:56:${digits.slice(0, 2)}:${digits.slice(2, 4)}:${digits.slice(4)}`
})
const nic = record({
  id: constantFrom('nic0'),
  mac,
  sourceNetwork: option(anyText, { nil: undefined }),
  attach: constantFrom<Nic['attach']>(
    { kind: 'bridge', name: 'br0' },
    { kind: 'bridge', name: 'ovs0', openvswitch: true },
    { kind: 'network', name: 'née "a" & <b>' },
  ),
  vlan: option(integer({ min: 1, max: 4094 }), { nil: undefined }),
  model: constantFrom('virtio', 'e1000e', 'rtl8139'),
  ip: option(anyText, { nil: undefined }),
  limits: option(
    record({ averageKib: integer({ min: 1 }), peakKib: option(integer({ min: 1 }), { nil: undefined }) }).map(optional),
    { nil: undefined },
  ),
}).map((found) => optional(found) as Nic)

const disks = uniqueArray(
  record({
    id: string({ unit: constantFrom('a', 'Z', '0', '_', '-'), minLength: 1, maxLength: 30 }),
    bus: constantFrom('virtio', 'scsi', 'sata', 'ide'),
    driver: record({
      cache: option(constantFrom('none', 'writeback', 'writethrough', 'directsync', 'unsafe'), { nil: undefined }),
      io: option(constantFrom('threads', 'native', 'io_uring'), { nil: undefined }),
      discard: constantFrom('unmap', 'ignore'),
    }).map((found) => optional(found) as Domain['disks'][number]['driver']),
    limits: option(
      record({
        iops: option(
          nat({ max: 1e9 - 1 }).map((n) => n + 1),
          { nil: undefined },
        ),
        bytesPerSecond: integer({ min: 1 }),
      }).map(optional),
      { nil: undefined },
    ),
    source: option(
      record({
        kind: constantFrom('network'),
        protocol: constantFrom('rbd'),
        name: plainText.map((text) => `vms/${text}`),
        hosts: constantFrom([{ name: '192.0.2.1', port: '3300' }, { name: '2001:db8::1' }], undefined),
        auth: constantFrom({ user: 'h2k', secret: { usage: 'client.h2k secret' } }, undefined),
      }).map(optional),
      { nil: undefined },
    ),
    to: record({ path: plainText.map((text) => `/${text}`), format: constantFrom('qcow2', 'raw', 'vdi') }),
  }),
  { minLength: 1, maxLength: 30, selector: ({ id }) => id },
).map((found) =>
  found.map((disk, index) => optional({ ...disk, bootOrder: found.length - index }) as Domain['disks'][number]),
)

const domain = record({
  workspace: constantFrom('exit', 'exit-2026'),
  name: anyText,
  type: constantFrom('kvm', 'qemu'),
  hardware: record({
    cpus: integer({ min: 1, max: 255 }),
    memoryMib: integer({ min: 64, max: 1 << 26 }),
    firmware: constantFrom<Domain['hardware']['firmware'][]>('bios', 'uefi'),
    secureBoot: constantFrom(true, false),
    tpm: constantFrom(true, false),
    machineType: constantFrom('q35', 'pc'),
    cpuMode: constantFrom('host-passthrough', 'host-model', 'maximum'),
    os: anyText,
    loader: constantFrom('/f/code.fd', undefined),
    nvramTemplate: constantFrom('/f/vars.fd', undefined),
    watchdog: constantFrom('reset', 'poweroff', undefined),
  }).map(({ loader, nvramTemplate, watchdog, ...hardware }) => {
    const uefi = hardware.firmware === 'uefi'
    const own = uefi && loader !== undefined ? { loader, nvramTemplate } : {}
    return optional({ ...hardware, ...own, watchdog, secureBoot: hardware.secureBoot && uefi }) as Domain['hardware']
  }),
  disks,
  nics: uniqueArray(nic, { maxLength: 6, selector: ({ mac: address }) => address }),
})

test('what domainXml writes, parseDomain reads', () => {
  assert(
    property(domain, (written) => {
      expect(writtenAs(parseDomain(domainXml(written), 'domain.xml'))).toEqual(meant(written))
    }),
    { numRuns: fuzzRuns(300) },
  )
})
