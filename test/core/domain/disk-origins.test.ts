import { describe, expect, it } from 'vitest'
import { domainWith, importedFrom } from './imported.ts'

const disk = (source: string, target = 'dev="vda" bus="virtio"', driver = 'type="qcow2"', attributes = 'type="file"') =>
  `<disk device="disk" ${attributes}><driver name="qemu" ${driver}/>${source}<target ${target}/></disk>`
const file = (path: string, ...rest: (string | undefined)[]) =>
  disk(`<source file="${path}"/>`, ...(rest as [string?, string?, string?]))
const imported = (devices: string, choices = {}) => importedFrom(domainWith({ devices }), choices)

describe('where the content is', () => {
  it.each([
    ['a file', file('/vms/a.qcow2'), {}, '/vms/a.qcow2'],
    ['a device', disk('<source dev="/dev/vg/lv"/>', undefined, 'type="raw"', 'type="block"'), {}, '/dev/vg/lv'],
    [
      'a volume',
      disk('<source pool="fast" volume="a.qcow2"/>', undefined, undefined, 'type="volume"'),
      { pools: { fast: '/pools/fast/' } },
      '/pools/fast/a.qcow2',
    ],
    [
      'a file that was moved',
      file('/vms/a.qcow2'),
      { moved: { '/vms/a.qcow2': '/copies/b.qcow2' } },
      '/copies/b.qcow2',
    ],
    ['in a folder that was moved', file('/vms/x/a.qcow2'), { moved: { '/vms/': '/copies/' } }, '/copies/x/a.qcow2'],
    ['by the longest of them', file('/vms/x/a.qcow2'), { moved: { '/': '/all', '/vms/x': '/x' } }, '/x/a.qcow2'],
    ['of everything', file('/vms/a.qcow2'), { moved: { '/': '/all' } }, '/all/vms/a.qcow2'],
    ['not in one with a longer name', file('/vms2/a.qcow2'), { moved: { '/vms': '/copies' } }, '/vms2/a.qcow2'],
  ])('%s', (_name, devices, choices, path) => {
    expect(imported(devices, choices)).toMatchObject({ origins: [{ path }], refused: [] })
  })
})

it.each([
  ['qcow2', 'qcow2'],
  ['raw', 'raw'],
  ['vpc', 'vhd'],
  ['vmdk', 'vmdk'],
])('the format %s is %s', (type, format) => {
  expect(imported(file('/a', undefined, `type="${type}"`)).origins).toMatchObject([{ format }])
})

it('without a format a disk is raw, as libvirt takes it; with other makers it is what its name says', () => {
  expect(imported(file('/a.img', undefined, '')).origins).toMatchObject([{ format: 'raw' }])
  const devices = file('/a.vmdk', undefined, '')
  expect(importedFrom(domainWith({ devices, type: 'vbox' })).origins).toMatchObject([{ format: 'vmdk' }])
})

describe('how it is read and written', () => {
  it.each([
    ['cache="none" io="native" discard="ignore"', '', { cache: 'none', io: 'native', discard: 'ignore' }, ''],
    ['cache="default"', '', {}, ''],
    ['io="native"', '', {}, 'io native is not taken over'],
    ['cache="odd"', '', {}, 'cache odd is not taken over'],
    [
      '',
      '<iotune><total_iops_sec>900</total_iops_sec><total_bytes_sec>4000000000</total_bytes_sec></iotune>',
      { limits: { iops: 900, bytes_per_second: 4e9 } },
      '',
    ],
    ['', '<iotune><total_iops_sec>0</total_iops_sec></iotune>', {}, ''],
  ])('%s %s', (driver, inside, settings, told) => {
    const { origins, manifest } = imported(disk(`<source file="/a"/>${inside}`, undefined, `type="raw" ${driver}`))
    expect(origins).toMatchObject([{ settings }])
    expect(Object.keys(origins[0]?.settings ?? {})).toEqual(Object.keys(settings))
    const warnings = (manifest.warnings ?? []).map(({ message }) => message).join()
    expect(warnings).toContain(told)
    expect(warnings === '').toBe(told === '')
  })

  it.each([
    ['<serial>WD-1</serial>', 'its serial number WD-1 becomes vda'],
    ['<readonly/>', 'is only read; here it can be written'],
    ['<transient/>', 'what is written to it is thrown away; here it stays'],
    ['<blockio logical_block_size="4096"/>', 'its sectors of 4096 bytes become sectors of 512'],
  ])('what the guest may notice is told: %s', (inside, told) => {
    const { manifest } = imported(disk(`<source file="/a"/>${inside}`))
    expect((manifest.warnings ?? []).map(({ message }) => message).join()).toContain(told)
  })

  it('a copy of a whole chain is taken, where it is named', () => {
    const chain = disk('<source file="/a"/><backingStore type="file"><source file="/base"/></backingStore>')
    expect(imported(chain, { moved: { '/a': '/copy' } })).toMatchObject({ origins: [{ path: '/copy' }], refused: [] })
  })
})

describe('refused, with what to do', () => {
  it.each([
    [
      'an unknown pool',
      disk('<source pool="p" volume="v"/>', undefined, undefined, 'type="volume"'),
      '--pool-path p=FOLDER',
    ],
    [
      'a volume that leaves its pool',
      disk('<source pool="p" volume="../v"/>', undefined, undefined, 'type="volume"'),
      'no plain name',
    ],
    ['the network', disk('<source protocol="rbd" name="vms/a"/>', undefined, 'type="raw"', 'type="network"'), '(rbd)'],
    ['a folder', disk('<source dir="/srv"/>', undefined, 'type="fat"', 'type="dir"'), 'a folder shown as a disk'],
    ['NVMe', disk('<source type="pci"/>', undefined, 'type="raw"', 'type="nvme"'), 'type nvme'],
    ['no content', disk(''), 'no content'],
    ['encryption', disk('<source file="/a"><encryption format="luks"/></source>'), 'h2k has no key'],
    [
      'a slice',
      disk('<source file="/a"><slices><slice type="storage" offset="9" size="9"/></slices></source>'),
      'a slice',
    ],
    [
      'a chain',
      disk('<source file="/a"/><backingStore type="file"><source file="/base"/></backingStore>'),
      'it lies upon /base',
    ],
    ['a datastore', file('[ds1] a/a.vmdk', undefined, 'type="vmdk"'), 'no path on a host'],
    ['a format that is not read', file('/a', undefined, 'type="qed"'), 'the format qed'],
    ['a format that only the name tells', file('/a.qcow2', undefined, ''), 'its name ends in .qcow2'],
  ])('%s', (_name, devices, reason) => {
    const { refused, origins } = imported(devices)
    expect(origins).toEqual([])
    expect(refused.join()).toContain(reason)
    expect(refused.join()).toMatch(/^4 disk vda: .*, or leave it out: --skip-disk vda/)
    expect(imported(devices, { skipped: ['vda'] })).toMatchObject({
      refused: [],
      manifest: { disks: [], notes: [expect.stringMatching(/^disk vda was left out by --skip-disk/)] },
    })
  })

  it('all of them at once', () => {
    expect(imported(`${disk('')}\n${disk('', 'dev="vdb"')}`).refused).toEqual([
      expect.stringMatching(/^4 disk vda/),
      expect.stringMatching(/^5 disk vdb/),
    ])
  })
})

it('drives are noted and left out', () => {
  const cdrom = '<disk type="file" device="cdrom"><source file="/seed.iso"/><target dev="sda" bus="sata"/></disk>'
  const floppy = '<disk type="file" device="floppy"><target dev="fda"/></disk>'
  const { manifest, origins } = imported(`${cdrom}${floppy}${file('/a')}`)
  expect(origins).toHaveLength(1)
  expect(manifest.notes).toEqual(['cdrom sda is not moved along (/seed.iso)', 'floppy fda is not moved along'])
})

it('the order is kept, and which boots first', () => {
  const order = (text: string, number: number) => text.replace('<target', `<boot order="${number}"/><target`)
  const [a, b, c] = ['vda', 'vdb', 'vdc'].map((dev) => file(`/${dev}`, `dev="${dev}"`))
  const ranks = (devices: string) => imported(devices).origins.map(({ target, bootRank }) => [target, bootRank])
  expect(ranks(`${a}${b}${c}`)).toEqual([
    ['vda', 0],
    ['vdb', 1],
    ['vdc', 2],
  ])
  expect(ranks(`${a}${order(b ?? '', 2)}${order(c ?? '', 1)}`)).toEqual([
    ['vda', 2],
    ['vdb', 1],
    ['vdc', 0],
  ])
})

it('names that are no ids, or come twice, get others', () => {
  const devices = `${file('/a', 'dev="a b"')}${file('/b', 'dev="vda"')}${file('/c', 'dev="vda"')}`
  expect(imported(devices).origins.map(({ id }) => id)).toEqual(['disk0', 'vda', 'disk2'])
})

it.each([
  ['virtio', 'virtio', undefined],
  ['sata', 'sata', undefined],
  ['usb', 'sata', /its bus usb becomes sata/],
  ['ide', 'sata', /its bus ide becomes sata/],
  ['xen', 'sata', /its bus xen becomes sata/],
])('the bus %s becomes %s on a q35', (bus, expected, warning) => {
  const { origins, manifest } = imported(file('/a', `dev="x" bus="${bus}"`))
  expect(origins).toMatchObject([{ bus: expected }])
  const told = (manifest.warnings ?? []).map(({ message }) => message).join()
  if (warning) expect(told).toMatch(warning)
  else expect(told).toBe('')
})

it('IDE stays on an old PC, and a SCSI controller that changes is told', () => {
  const ide = domainWith({ devices: file('/a', 'dev="hda" bus="ide"'), os: '<type machine="pc-i440fx-6.2">hvm</type>' })
  expect(importedFrom(ide).manifest).toMatchObject({ vm: { machine_type: 'pc' }, disks: [{ bus: 'ide' }] })
  const scsi = file('/a', 'dev="sda" bus="scsi"')
  const { manifest } = imported(`${scsi}<controller type="scsi" model="lsilogic"/>`)
  expect(manifest.warnings).toMatchObject([{ message: expect.stringContaining('lsilogic becomes virtio-scsi') }])
  expect(imported(`${scsi}<controller type="scsi" model="virtio-scsi"/>`).manifest.warnings).toBeUndefined()
})
