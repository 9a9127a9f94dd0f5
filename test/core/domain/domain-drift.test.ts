import { expect, test } from 'vitest'
import { domainDrift, driftText, liveDrift } from '../../../src/core/domain/domain-drift.ts'
import { keptDomain } from '../../../src/core/domain/kept-domain.ts'
import { parseDomain } from '../../../src/core/domain/parse-domain.ts'

const xml = (inside: string, devices = '') =>
  `<domain type='kvm'><name>a</name><memory>1024</memory><vcpu>1</vcpu><os><type>hvm</type></os>${inside}<devices>
<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='/a'/><target dev='vda' bus='virtio'/>
<serial>boot</serial></disk>${devices}</devices></domain>`
const kept = (text: string) => keptDomain(parseDomain(text, 'a.xml'))
const drift = (text: string, { running = false, wanted = false, autostart = false } = {}) =>
  driftText(
    domainDrift(
      { domain: kept(xml('')), autostart: false, ...(wanted ? { running: true } : {}) },
      { domain: kept(text), autostart, running },
    ),
  )

test('what libvirt fills in is no drift', () => {
  const address = "<address type='pci' domain='0x0000' bus='0x00' slot='0x04' function='0x0'/>"
  const filled = xml(
    '<currentMemory>1024</currentMemory><seclabel type="dynamic"/>',
    "<controller type='pci' index='0' model='pcie-root'/><emulator>/usr/bin/qemu-system-x86_64</emulator>",
  ).replace('<serial>', `<alias name='virtio-disk0'/><backingStore/>${address}<serial>`)
  expect(drift(filled)).toBe('')
})

test('each field that changed is named, with both values', () => {
  expect(drift(xml('').replace("file='/a'", "file='/b'").replace('>1</vcpu>', '>2</vcpu>'))).toBe(
    'cpus: 1 -> 2, maximumCpus: 1 -> 2, disks.boot.source: "/a" -> "/b"',
  )
  expect(drift(xml(''), { autostart: true })).toBe('autostart: false -> true')
  expect(drift(xml('', "<hostdev mode='subsystem' type='pci'/>"))).toBe('devices.hostdev: nothing -> 1')
})

test('what a running domain was given or gave back is told', () => {
  const live = (text: string) => driftText(liveDrift(kept(xml('')), kept(text)))
  expect(live(xml('<currentMemory>512</currentMemory>'))).toBe('currentMemoryBytes: 1048576 -> 524288')
  expect(live(xml('').replace('>1</vcpu>', ' current="1">4</vcpu>'))).toBe('')
  expect(live(xml('', "<disk device='cdrom'><target dev='sda'/></disk>"))).toBe('')
})

test('a domain that is off counts only where it is wanted to run', () => {
  expect(drift(xml(''), { running: true })).toBe('')
  expect(drift(xml(''))).toBe('')
  expect(drift(xml(''), { wanted: true })).toBe('running: true -> false')
})
