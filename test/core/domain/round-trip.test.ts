import { assert, constantFrom, integer, nat, option, property, record, string, uniqueArray } from 'fast-check'
import { expect, test } from 'vitest'
import type { DescribedDomain } from '../../../src/core/domain/described-domain.ts'
import { parseDomain } from '../../../src/core/domain/parse-domain.ts'
import { type Domain, domainName, domainUuid, domainXml } from '../../../src/core/domain-xml.ts'
import type { Nic } from '../../../src/core/machine.ts'
import { hostileNames } from '../hostile-names.ts'

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
const optional = <T extends object>(found: T) =>
  Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as T

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
    to: record({ path: plainText.map((text) => `/${text}`), format: constantFrom('qcow2', 'raw', 'vdi') }),
  }),
  { minLength: 1, maxLength: 30, selector: ({ id }) => id },
).map((found) => found.map((disk, index) => ({ ...disk, bootOrder: found.length - index })))

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
  }).map((hardware) => ({ ...hardware, secureBoot: hardware.secureBoot && hardware.firmware === 'uefi' })),
  disks,
  nics: uniqueArray(nic, { maxLength: 6, selector: ({ mac: address }) => address }),
})

/** The machine that a domain describes, in the words of `Domain`. */
function writtenAs(found: DescribedDomain): object {
  return {
    mark: found.made && { workspace: found.made.workspace, name: found.made.name },
    name: found.name,
    uuid: found.uuid,
    type: found.type,
    hardware: {
      cpus: found.cpus,
      memoryMib: found.memoryBytes / 2 ** 20,
      firmware: found.firmware.kind,
      secureBoot: found.firmware.secureBoot,
      tpm: found.tpm !== undefined,
      machineType: found.machineType,
      cpuMode: found.cpuMode,
      os: found.made?.os,
    },
    disks: found.disks.map(({ bus, source, format, bootOrder, device, cache, io, discard }) => ({
      driver: optional({ cache, io, discard }),
      bus,
      source,
      format,
      bootOrder,
      device,
    })),
    nics: found.interfaces.map(({ mac: address, type, source, virtualport, vlans, model }, index) => {
      const { ip, sourceNetwork } = found.made?.nics[index] ?? {}
      const openvswitch = virtualport === 'openvswitch' ? true : undefined
      const attach = optional({ kind: type, name: source, openvswitch })
      return optional({ mac: address, sourceNetwork, attach, vlan: vlans[0], model, ip })
    }),
  }
}

function meant(written: Domain): object {
  const emulated = written.type === 'qemu' && written.hardware.cpuMode === 'host-passthrough'
  return {
    mark: { workspace: written.workspace, name: written.name },
    name: domainName(written.name),
    uuid: domainUuid(written),
    type: written.type,
    hardware: { ...written.hardware, ...(emulated ? { cpuMode: 'maximum' } : {}) },
    disks: written.disks.map(({ bus, to, bootOrder, driver }) => {
      return { driver, bus, source: { kind: 'file', path: to.path }, format: to.format, bootOrder, device: 'disk' }
    }),
    nics: written.nics.map(({ id: _, ...rest }) => rest),
  }
}

test('what domainXml writes, parseDomain reads', () => {
  assert(
    property(domain, (written) => {
      expect(writtenAs(parseDomain(domainXml(written), 'domain.xml'))).toEqual(meant(written))
    }),
    { numRuns: 300 },
  )
})
