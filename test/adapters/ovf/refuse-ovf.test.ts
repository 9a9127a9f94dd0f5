import { expect, it } from 'vitest'
import { parseOvf } from '../../../src/adapters/ovf/parse-ovf.ts'
import { diskElement, diskItem, fileElement, item, scsi, vmdk, vmwareOvf } from './descriptors.ts'
import { problemFrom } from './problems.ts'

const parse = (text: string) => parseOvf(text, 'web01.ovf')
const disk = diskElement('vmdisk1', 'file1')
const system = /<VirtualSystem [\s\S]*<\/VirtualSystem>/

it.each([
  ['no envelope', '<domain/>', 'OVF_INVALID', /"domain" document/],
  ['no machine', vmwareOvf().replace(system, ''), 'OVF_INVALID', /no VirtualSystem/],
  [
    'no hardware',
    vmwareOvf().replaceAll('VirtualHardwareSection', 'Other'),
    'OVF_INVALID',
    /no VirtualHardwareSection/,
  ],
  [
    'two machines',
    vmwareOvf().replace(system, (one) => one + one.replaceAll('web01', 'db01')),
    'OVF_UNSUPPORTED',
    /"web01", "db01"/,
  ],
  ['a blank disk', vmwareOvf({ disks: disk.replace('ovf:fileRef="file1"', '') }), 'OVF_UNSUPPORTED', /blank/],
  [
    'a delta',
    vmwareOvf({ disks: diskElement('vmdisk1', 'file1', 'ovf:parentRef="base"') }),
    'OVF_UNSUPPORTED',
    /difference to disk "base"/,
  ],
  [
    'a raw device',
    vmwareOvf({ items: scsi + diskItem(7, 'x', 0).replace('ovf:/disk/x', 'ovf:/file/file1') }),
    'OVF_UNSUPPORTED',
    /HostResource/,
  ],
  [
    'gzip',
    vmwareOvf({ files: fileElement('file1', 'a.vmdk', 'ovf:compression="gzip"') }),
    'OVF_UNSUPPORTED',
    /packed with "gzip"/,
  ],
  [
    'chunks',
    vmwareOvf({ files: fileElement('file1', 'a.vmdk', 'ovf:chunkSize="7"') }),
    'OVF_UNSUPPORTED',
    /cut into chunks/,
  ],
  [
    'an unknown format',
    vmwareOvf({ disks: disk.replace(vmdk, 'http://x/hds') }),
    'OVF_UNSUPPORTED',
    /does not know: "http:\/\/x\/hds"/,
  ],
  ['a capacity by property', vmwareOvf({ disks: disk.replace('"16"', `"\${size}"`) }), 'OVF_UNSUPPORTED', /property/],
  ['no capacity', vmwareOvf({ disks: disk.replace('"16"', '"0"') }), 'OVF_INVALID', /no size/],
  ['8 EiB', vmwareOvf({ disks: disk.replace('"16"', '"8589934592"') }), 'OVF_INVALID', /no size/],
  ['an unknown unit', vmwareOvf({ disks: disk.replace('byte * 2^30', 'bit * 2^30') }), 'OVF_INVALID', /no size/],
  ['a file that is not referenced', vmwareOvf({ files: '' }), 'OVF_INVALID', /"file1", which References lacks/],
  ['a disk that is not declared', vmwareOvf({ disks: '' }), 'OVF_INVALID', /"vmdisk1", which no DiskSection has/],
  [
    'a disk twice',
    vmwareOvf({ items: scsi + diskItem(7, 'vmdisk1', 0) + diskItem(8, 'vmdisk1', 1) }),
    'OVF_INVALID',
    /twice/,
  ],
  ['a diskId twice', vmwareOvf({ disks: disk + disk }), 'OVF_INVALID', /two Disks/],
  ['a file id twice', vmwareOvf({ files: fileElement('a', 'a') + fileElement('a', 'b') }), 'OVF_INVALID', /two Files/],
  ['a missing controller', vmwareOvf({ items: diskItem(7, 'vmdisk1', 0, 99) }), 'OVF_INVALID', /device 99/],
  ['a device without a type', vmwareOvf({ items: item({ InstanceID: 1 }) }), 'OVF_INVALID', /ResourceType is missing/],
  ['no processors', vmwareOvf({ items: item({ ResourceType: 3, VirtualQuantity: 0 }) }), 'OVF_INVALID', /processors/],
  [
    'no size of memory',
    vmwareOvf({ items: item({ ResourceType: 4, VirtualQuantity: 'much' }) }),
    'OVF_INVALID',
    /memory/,
  ],
  ['absurd memory', vmwareOvf({ items: item({ ResourceType: 4, VirtualQuantity: 2 ** 32 }) }), 'OVF_INVALID', /memory/],
])('refuses %s', async (_what, text, code, summary) => {
  const problem = await problemFrom(() => parse(text))
  expect(problem).toMatchObject({ code, at: { file: 'web01.ovf', line: expect.any(Number) } })
  expect(problem.summary).toMatch(summary)
})

it.each([
  '../disk.vmdk',
  'a/../../disk.vmdk',
  './../disk.vmdk',
  '/etc/passwd',
  'file:///etc/passwd',
  'https://example.com/disk.vmdk',
  'FILE:disk.vmdk',
  'C:\\disk.vmdk',
  '..\\disk.vmdk',
  '%2e%2e/disk.vmdk',
  '%2E%2E%2Fdisk.vmdk',
  '%252e%252e%252fdisk.vmdk',
  '%2fetc%2fpasswd',
  'a%5cb.vmdk',
  'disk%00.vmdk',
  'disk%0a.vmdk',
  'disk&#10;.vmdk&#9;',
  '..',
  '.',
  'a//b.vmdk',
  '%80%2e%2e%2fdisk.vmdk',
  `${'a'.repeat(256)}.vmdk`,
])('refuses the href %s as hostile', async (href) => {
  const problem = await problemFrom(() => parse(vmwareOvf({ files: fileElement('file1', href) })))
  expect(problem.code).toBe('ARCHIVE_HOSTILE')
})

it('refuses a file in another folder with a way out', async () => {
  const problem = await problemFrom(() => parse(vmwareOvf({ files: fileElement('file1', 'disks/a.vmdk') })))
  expect(problem).toMatchObject({ code: 'OVF_UNSUPPORTED', hint: expect.stringContaining('beside the .ovf') })
})

it.each(['web 01.vmdk', 'web%2001.vmdk', 'Büro (1).vmdk', '100%.vmdk', '-o.vmdk', './a.vmdk', '$(x).vmdk'])(
  'takes the href %s as it is',
  (href) => {
    expect(parse(vmwareOvf({ files: fileElement('file1', href) })).disks[0]?.file).toBe(href)
  },
)
