import { expect, it } from 'vitest'
import { parseOvf } from '../../../src/adapters/ovf/parse-ovf.ts'
import {
  diskElement,
  diskItem,
  fileElement,
  item,
  memory,
  processors,
  scsi,
  virtualBoxOvf,
  vmdk,
  vmwareOvf,
} from './descriptors.ts'

const parse = (text: string) => parseOvf(text, 'web01.ovf')
const config = (key: string, value: string) =>
  `<vmw:Config ovf:required="false" vmw:key="${key}" vmw:value="${value}"/>`

it('reads a machine as vCenter exports it', () => {
  const nic = (instance: number, place: number, name: string, mac: string) =>
    item({
      InstanceID: instance,
      ResourceType: 10,
      ResourceSubType: 'VmxNet3',
      ElementName: name,
      Connection: 'VM Network',
      Address: mac,
      AddressOnParent: place,
    })
  const machine = parse(
    vmwareOvf({
      files: fileElement('file1', 'web01-disk1.vmdk', 'ovf:size="1234"'),
      items: [
        item({ InstanceID: 14, ResourceType: 1, ResourceSubType: 'vmware.vtpm', ElementName: 'Virtual TPM' }),
        processors,
        memory,
        scsi,
        item({ InstanceID: 4, ResourceType: 1, ResourceSubType: 'vmware.vmci', ElementName: 'VMCI device' }),
        item({ InstanceID: 6, ResourceType: 24, ElementName: 'Video card' }).replace(
          '</Item>',
          `${config('firmware', 'bios')}</Item>`,
        ),
        diskItem(7, 'vmdisk1', 0),
        nic(9, 8, 'Network adapter 2', '00:50:56:AA:BB:02'),
        nic(8, 7, 'Network adapter 1', '00:50:56:AA:BB:01'),
        item({ InstanceID: 10, ResourceType: 15, ElementName: 'CD/DVD drive 1' }),
        item({ InstanceID: 11, ResourceType: 14, ElementName: 'Floppy drive 1' }),
      ].join('\n'),
      settings: config('firmware', 'efi') + config('bootOptions.efiSecureBootEnabled', 'true'),
    }),
  )
  expect(machine).toEqual({
    name: 'web01',
    cpu: 4,
    memoryMib: 8192,
    firmware: 'uefi',
    secureBoot: true,
    tpm: true,
    osId: 'debian12_64Guest',
    osDescription: 'Debian GNU/Linux 12 (64-bit)',
    disks: [
      {
        id: 'vmdisk1',
        label: 'Hard Disk 1',
        file: 'web01-disk1.vmdk',
        fileBytes: 1234,
        virtualBytes: 16 * 2 ** 30,
        format: 'vmdk',
        bus: 'scsi',
      },
    ],
    nics: [
      { id: 'nic0', network: 'VM Network', mac: '00:50:56:aa:bb:01', model: 'vmxnet3' },
      { id: 'nic1', network: 'VM Network', mac: '00:50:56:aa:bb:02', model: 'vmxnet3' },
    ],
    warnings: ['the CD or DVD drive "CD/DVD drive 1" is left out', 'the floppy drive "Floppy drive 1" is left out'],
  })
})

it('reads a machine as VirtualBox exports it', () => {
  expect(parse(virtualBoxOvf)).toEqual({
    name: 'box',
    cpu: 2,
    memoryMib: 2048,
    firmware: 'uefi',
    osId: '96',
    osDescription: 'Debian_64',
    disks: [
      {
        id: 'vmdisk1',
        label: 'disk1',
        file: 'box-disk001.vmdk',
        virtualBytes: 20 * 2 ** 30,
        format: 'vmdk',
        bus: 'sata',
      },
    ],
    nics: [{ id: 'nic0', network: 'NAT', model: 'e1000' }],
    warnings: [
      'the device "sound" (OVF type 35, "ensoniq1371") is left out',
      'the CD or DVD drive "cdrom1" is left out',
    ],
  })
})

it('reads OVF 0.9, where sections are told apart by their type', () => {
  const machine =
    parse(`<ovf:Envelope xmlns:ovf="http://www.vmware.com/schema/ovf/1/envelope" xmlns:xsi="x" xmlns:rasd="r">
    <References><File ovf:href="a.vmdk" ovf:id="file1"/></References>
    <Section xsi:type="ovf:DiskSection_Type">${diskElement('d1', 'file1')}</Section>
    <Content ovf:id="old" xsi:type="ovf:VirtualSystem_Type">
      <Section xsi:type="ovf:VirtualHardwareSection_Type">
        ${item({ Caption: '1 virtual CPU', InstanceId: 1, ResourceType: 3, VirtualQuantity: 1 })}
        ${item({ InstanceId: 3, ResourceType: 5, Address: 0 })}
        ${item({ Caption: 'Harddisk 1', InstanceId: 9, ResourceType: 17, Parent: 3, HostResource: 'disk/d1' })}
      </Section>
    </Content></ovf:Envelope>`)
  expect(machine).toMatchObject({
    name: 'old',
    cpu: 1,
    disks: [{ id: 'd1', label: 'Harddisk 1', bus: 'ide', file: 'a.vmdk' }],
  })
})

it('reads OVF 2.0, where disks and network cards have elements of their own', () => {
  const items = [
    item({ InstanceID: 3, ResourceType: 20, ResourceSubType: 'vmware.nvme.controller', Address: 0 }),
    diskItem(7, 'vmdisk1', 0).replaceAll('Item', 'StorageItem').replaceAll('rasd:', 'sasd:'),
    item({ InstanceID: 8, ResourceType: 10, Connection: 'NAT' })
      .replaceAll('Item', 'EthernetPortItem')
      .replaceAll('rasd:', 'epasd:'),
  ]
  expect(parse(vmwareOvf({ items: items.join('') }))).toMatchObject({
    disks: [{ bus: 'nvme' }],
    nics: [{ network: 'NAT' }],
  })
})

it.each([
  ['byte * 2^20', 4096, 4096],
  ['byte*2^30', 4, 4096],
  ['byte * 1024', 4194304, 4096],
  ['MegaBytes', 4096, 4096],
  ['MB', 4096, 4096],
  ['GigaBytes', 4, 4096],
  ['KiloBytes', 4194304, 4096],
  ['byte', 4294967296, 4096],
  ['byte * 10^9', 4, 3815],
])('reads memory in %s', (units, quantity, mib) => {
  const items = item({ InstanceID: 2, ResourceType: 4, VirtualQuantity: quantity, AllocationUnits: units })
  expect(parse(vmwareOvf({ items })).memoryMib).toBe(mib)
})

it.each([
  ['', 'byte', '1048576', 1048576],
  ['byte * 2^40', 'terabytes', '2', 2 * 2 ** 40],
  ['byte * 2^30', 'gigabytes', '16', 16 * 2 ** 30],
])('reads a capacity in units of "%s"', (units, _what, capacity, bytes) => {
  const attribute = units && `ovf:capacityAllocationUnits="${units}"`
  const disks = `<Disk ovf:diskId="vmdisk1" ovf:fileRef="file1" ovf:format="${vmdk}" ovf:capacity="${capacity}" ${attribute}/>`
  expect(parse(vmwareOvf({ disks })).disks[0]?.virtualBytes).toBe(bytes)
})

it.each([
  [vmdk, 'a.bin', 'vmdk'],
  ['http://www.vmware.com/specifications/vmdk.html#sparse', 'a.bin', 'vmdk'],
  ['http://www.gnome.org/~markmc/qcow-image-format.html', 'a.bin', 'qcow2'],
  ['http://go.microsoft.com/fwlink/?LinkId=137171', 'a.bin', 'vhd'],
  ['', 'a.vhdx', 'vhdx'],
  ['', 'a.VDI', 'vdi'],
  ['', 'a.raw', 'raw'],
])('takes %s in %s for %s', (format, href, expected) => {
  const disks = diskElement('vmdisk1', 'file1').replace(vmdk, format)
  expect(parse(vmwareOvf({ disks, files: fileElement('file1', href) })).disks[0]?.format).toBe(expected)
})

it.each(['ovf:/disk/vmdisk1', 'ovf://disk/vmdisk1', '/disk/vmdisk1', 'disk/vmdisk1'])(
  'finds the disk of %s',
  (resource) => {
    const items = scsi + diskItem(7, 'vmdisk1', 0).replace('ovf:/disk/vmdisk1', resource)
    expect(parse(vmwareOvf({ items })).disks).toHaveLength(1)
  },
)

it('makes ids that are plain, unique whatever the case, and no options', () => {
  const ids = ['../$(x) é', '-o', 'disk', 'Disk', '%%%']
  const items = [scsi, ...ids.map((id, index) => diskItem(10 + index, id, index))].join('')
  const disks = ids.map((id) => diskElement(id, 'file1')).join('')
  const found = parse(vmwareOvf({ items, disks })).disks.map(({ id }) => id)
  expect(found).toEqual(['x-', 'o', 'disk', 'Disk-2', 'disk-3'])
})

it('takes the default configuration, and its devices instead of the general ones', () => {
  const small = '<Configuration ovf:id="small"><Label>S</Label></Configuration>'
  const large = '<Configuration ovf:id="large" ovf:default="true"><Label>L</Label></Configuration>'
  const cpus = (count: number, more = '') => item({ InstanceID: 1, ResourceType: 3, VirtualQuantity: count }, more)
  const nic = (network: string, more: string) => item({ InstanceID: 9, ResourceType: 10, Connection: network }, more)
  const machine = parse(
    vmwareOvf({
      envelope: `<DeploymentOptionSection><Info/>${small}${large}</DeploymentOptionSection>`,
      items: [
        cpus(2),
        cpus(16, 'ovf:configuration="medium large"'),
        cpus(1, 'ovf:configuration="small"'),
        item({ InstanceID: 2, ResourceType: 4, VirtualQuantity: 1, AllocationUnits: 'GB' }, 'ovf:bound="min"'),
        memory,
        nic('backup', 'ovf:configuration="small"'),
      ].join(''),
    }),
  )
  expect(machine).toMatchObject({ cpu: 16, memoryMib: 8192, nics: [] })
  expect(machine.warnings).toContain('the configuration "large" was taken, not "small"')
})

it('takes the first of several hardware sections and says so', () => {
  const second = `<VirtualHardwareSection>${item({ InstanceID: 1, ResourceType: 3, VirtualQuantity: 64 })}</VirtualHardwareSection>`
  const machine = parse(vmwareOvf({ system: second }))
  expect(machine.cpu).toBe(4)
  expect(machine.warnings).toContain('the machine is described for 2 kinds of hardware: the first was taken')
})

it('takes the one machine of a vApp', () => {
  const text = vmwareOvf()
    .replace('<VirtualSystem ', '<VirtualSystemCollection ovf:id="app"><Info/><VirtualSystem ')
    .replace('</VirtualSystem>', '</VirtualSystem></VirtualSystemCollection>')
  expect(parse(text).name).toBe('web01')
})

it('keeps names as they are', () => {
  const name = '$(reboot) ../web -o \u202eexe & <b>'
  const text = vmwareOvf({ items: item({ ResourceType: 10, Connection: '-o &quot;;`x`' }) })
  const machine = parse(
    text.replace('<Name>web01<', `<Name>${name.replace('&', '&amp;').replace('<b>', '&lt;b&gt;')}<`),
  )
  expect(machine.name).toBe(name)
  expect(machine.nics[0]?.network).toBe('-o ";`x`')
})

it('says what hangs on nothing', () => {
  const machine = parse(vmwareOvf({ items: processors }))
  expect(machine).toMatchObject({ disks: [], warnings: ['disk "vmdisk1" hangs on no machine and is left out'] })
})
