import { describe, expect, it } from 'vitest'
import type { DomainPatch } from '../../src/core/domain-patch.ts'
import { parsePatchPath } from '../../src/core/domain-patch-path.ts'
import { type Domain, domainXml, patchFaults } from '../../src/core/domain-xml.ts'
import { local, machineOf, resolve } from './machines.ts'

const domain: Domain = {
  workspace: 'exit',
  name: 'web01',
  type: 'kvm',
  hardware: {
    cpus: 2,
    memoryMib: 2048,
    firmware: 'bios',
    secureBoot: false,
    tpm: false,
    machineType: 'q35',
    cpuMode: 'host-passthrough',
    os: 'linux',
  },
  disks: ['boot', 'data'].map((id, index) => ({
    id,
    bus: 'virtio',
    to: { path: `/vms/${id}.qcow2`, format: 'qcow2' },
    bootOrder: index + 1,
    driver: { discard: 'unmap' },
  })),
  nics: [],
}
const written = (...patches: DomainPatch[]) => domainXml({ ...domain, patches })
const faults = (...patches: DomainPatch[]) =>
  patchFaults({ ...domain, patches }).map(({ key, summary }) => `${key}: ${summary}`)

describe('a patch', () => {
  it.each<[string, DomainPatch, string]>([
    [
      'replaces an attribute',
      { op: 'replace', path: '/devices/video/model/@type', value: 'virtio' },
      '<model type="virtio"/>',
    ],
    ['adds one', { op: 'add', path: '/cpu/@check', value: 'none' }, '<cpu mode="host-passthrough" check="none"/>'],
    ['removes one', { op: 'remove', path: '/devices/graphics/@autoport' }, '<graphics type="vnc" listen="127.0.0.1"/>'],
    ['replaces a text', { op: 'replace', path: '/on_crash', value: 'restart' }, '<on_crash>restart</on_crash>'],
    ['replaces a number', { op: 'replace', path: '/domain/vcpu', value: 3 }, '<vcpu>3</vcpu>'],
    ['adds an element', { op: 'add', path: '/devices', value: "<sound model='ich9'/>" }, '<sound model="ich9"/>'],
    [
      'replaces an element',
      { op: 'replace', path: '/devices/rng', value: '<rng model="virtio"><backend model="builtin"/></rng>' },
      '<backend model="builtin"/>',
    ],
    [
      'finds the disk that is meant',
      { op: 'add', path: "/devices/disk[serial='data']/driver/@cache", value: 'none' },
      'discard="unmap" cache="none"/>\n      <source file="/vms/data.qcow2"/>',
    ],
    [
      'finds it by an attribute',
      { op: 'replace', path: '/devices/disk[target/@dev="vda"]/driver/@discard', value: 'ignore' },
      'discard="ignore"/>\n      <source file="/vms/boot.qcow2"/>',
    ],
    [
      'finds it by its position',
      { op: 'replace', path: '/devices/disk[2]/serial', value: 'X-2' },
      '<serial>X-2</serial>',
    ],
    [
      'keeps the names that it is given',
      {
        op: 'add',
        path: '/',
        value:
          "<qemu:commandline xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'><qemu:arg value='-no-hpet'/></qemu:commandline>",
      },
      '<qemu:arg value="-no-hpet"/>',
    ],
    [
      'escapes what XML minds',
      { op: 'add', path: '/', value: '<title>a &amp; &lt;b&gt;</title>' },
      '<title>a &amp; &lt;b&gt;</title>',
    ],
  ])('%s', (_name, patch, text) => {
    expect(written(patch)).toContain(text)
  })

  it('removes an element, and only that', () => {
    const before = written()
    expect(before).toContain('<memballoon model="virtio"/>')
    expect(written({ op: 'remove', path: '/devices/memballoon' })).toBe(
      before.replace('    <memballoon model="virtio"/>\n', ''),
    )
  })

  it('applies after those before it', () => {
    const text = written(
      { op: 'add', path: '/devices', value: '<watchdog model="itco"/>' },
      { op: 'add', path: '/devices/watchdog/@action', value: 'pause' },
    )
    expect(text).toContain('<watchdog model="itco" action="pause"/>')
  })

  it('that changes nothing leaves the text as it is', () => {
    expect(written({ op: 'replace', path: '/vcpu', value: 2 })).toBe(written())
  })
})

describe('refused is', () => {
  it.each<[DomainPatch, string]>([
    [{ op: 'replace', path: 'devices', value: 1 }, 'path: devices is no path into a domain'],
    [{ op: 'replace', path: '/devices/disk[0]', value: 1 }, 'path: /devices/disk[0] is no path into a domain'],
    [{ op: 'remove', path: '/' }, 'path: the whole domain cannot be patched'],
    [{ op: 'replace', path: '/devices/vidio/@x', value: 1 }, 'path: there is no element /devices/vidio'],
    [{ op: 'remove', path: '/devices/disk' }, 'path: there are 2 elements /devices/disk'],
    [
      { op: 'remove', path: "/devices/disk[serial='x']" },
      'path: none of 2 elements /devices/disk is the one that is meant',
    ],
    [{ op: 'add', path: '/cpu/@mode', value: 'x' }, 'path: <cpu> has an attribute mode already'],
    [{ op: 'replace', path: '/cpu/@check', value: 'x' }, 'path: <cpu> has no attribute check; it has: mode'],
    [{ op: 'add', path: '/devices', value: 'sound' }, 'value: what is added to <devices> is an element'],
    [
      { op: 'replace', path: '/uuid', value: 'x' },
      'path: /uuid is what h2k knows its domain by, and cannot be patched',
    ],
    [{ op: 'remove', path: '/metadata' }, 'path: /metadata is what h2k knows its domain by, and cannot be patched'],
    [{ op: 'add', path: '/metadata', value: '<h2k:machine/>' }, 'value: the namespace h2k is h2k’s own'],
  ])('%j', (patch, fault) => {
    expect(faults(patch)).toEqual([fault])
    expect(() => written(patch)).toThrow(fault.slice(fault.indexOf(' ') + 1))
  })

  it.each(['<sound', '<a/><b/>', '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', '<a>&y;</a>'])('the XML %s', (value) => {
    const found = faults({ op: 'add', path: '/devices', value })
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(/^value: /)
  })

  it('what is wrong, at its place, with the word that was meant', () => {
    const patches =
      '[{op: remove, path: /devices/memballoon}, {op: remove, path: /devices/memballoon}, {op: add, path: /devces, value: <a/>}]'
    const { issues } = resolve(`${local}domain_patch: ${patches}\n`)
    expect(issues).toEqual([
      'VALUE_INVALID domain_patch.1.path: there is no element /devices/memballoon',
      'VALUE_INVALID domain_patch.2.path: there is no element /devces',
    ])
    expect(patchFaults({ ...domain, patches: [{ op: 'add', path: '/devces', value: '<a/>' }] })[0]?.hint).toBe(
      'did you mean devices?',
    )
  })
})

it('git’s patches are the machine’s', () => {
  const patches = machineOf(`${local}domain_patch: [{op: replace, path: /vcpu, value: 7}]\n`).domainPatches
  expect(patches).toEqual([{ op: 'replace', path: '/vcpu', value: 7 }])
})

it.each([
  ['/a', { steps: [{ name: 'a', tests: [] }] }],
  ['/domain/a', { steps: [{ name: 'a', tests: [] }] }],
  ['/a/@b', { steps: [{ name: 'a', tests: [] }], attribute: 'b' }],
  ['/', { steps: [] }],
  ['/@type', { steps: [], attribute: 'type' }],
  [
    `/a[2]/b:c[d/@e='f]"']`,
    {
      steps: [
        { name: 'a', tests: [{ kind: 'position', position: 2 }] },
        { name: 'b:c', tests: [{ kind: 'value', names: ['d'], attribute: 'e', value: 'f]"' }] },
      ],
    },
  ],
])('the path %s', (text, path) => {
  expect(parsePatchPath(text)).toEqual(path)
})

it.each(['', 'a', '//a', '/a//b', '/a[', '/a[]', '/a[b]', "/a[b='c]", '/a[0]', '/a/@', '/a/text()', '/a b', '/a/@b/c'])(
  '%j is no path',
  (text) => {
    expect(parsePatchPath(text)).toBeUndefined()
  },
)
