import { describe, expect, it } from 'vitest'
import { parseOvf } from '../../../src/adapters/ovf/parse-ovf.ts'
import { diskElement, diskItem, fileElement, item, scsi, vmwareOvf } from './descriptors.ts'

const parse = (text: string) => parseOvf(text, 'web01.ovf')

describe('the order of disks', () => {
  const three = {
    files: ['a', 'b', 'c'].map((name) => fileElement(name, `${name}.vmdk`)).join(''),
    disks: ['a', 'b', 'c'].map((name) => diskElement(name, name)).join(''),
  }
  const order = (items: readonly string[], system = '') =>
    parse(vmwareOvf({ ...three, items: items.join(''), system })).disks.map(({ id, bus }) => `${id} ${bus}`)

  it('is that of bus numbers and places, not of the file', () => {
    // vCenter writes IDE 1 before IDE 0.
    const controllers = [
      item({ InstanceID: 4, ResourceType: 5, Address: 1 }),
      item({ InstanceID: 5, ResourceType: 5, Address: 0 }),
    ]
    const disks = [diskItem(9, 'c', 0, 4), diskItem(8, 'b', 1, 5), diskItem(7, 'a', 0, 5)]
    expect(order([...controllers, ...disks])).toEqual(['a ide', 'b ide', 'c ide'])
  })

  it('counts kinds of controllers as the writer numbered them, and ten after nine', () => {
    const sata = item({ InstanceID: 15, ResourceType: 20, ResourceSubType: 'vmware.sata.ahci', Address: 0 })
    expect(order([sata, diskItem(7, 'c', 0, 15), diskItem(8, 'b', 10), scsi, diskItem(9, 'a', 9)])).toEqual([
      'a scsi',
      'b scsi',
      'c sata',
    ])
  })

  it('puts a kind before another however high its bus numbers are', () => {
    const second = item({ InstanceID: 4, ResourceType: 6, Address: 1 })
    const nvme = item({ InstanceID: 5, ResourceType: 20, ResourceSubType: 'NVMe', Address: 0 })
    const disks = [diskItem(7, 'c', 0, 5), diskItem(8, 'b', 0, 4), diskItem(9, 'a', 0)]
    expect(order([scsi, second, nvme, ...disks])).toEqual(['a scsi', 'b scsi', 'c nvme'])
  })

  it('begins with the disk that the boot order names', () => {
    const disks = [diskItem(7, 'a', 0), diskItem(8, 'b', 1), diskItem(9, 'c', 2)]
    const boot = '<vmw:BootOrderSection vmw:instanceId="9" vmw:type="disk"><Info/></vmw:BootOrderSection>'
    expect(order([scsi, ...disks], boot)).toEqual(['c scsi', 'a scsi', 'b scsi'])
  })
})
