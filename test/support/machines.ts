import { execFileSync } from 'node:child_process'
import { createCipheriv, createHash } from 'node:crypto'
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { writeBootSector } from './boot-sector.ts'

/** A folder of its own that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'h2k-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A raw disk with data that does not compress in stretches, and holes between them; the same for the same seed. */
export function writeRaw(path: string, mib: number, dataMib = Math.ceil(mib / 4), seed = 1): void {
  const file = openSync(path, 'w')
  const block = noise(seed)
  for (let index = 0; index < dataMib; index++) {
    block.writeUInt32LE(index, 0)
    writeSync(file, block, 0, block.length, Math.floor((index * mib) / dataMib) * (1 << 20))
  }
  ftruncateSync(file, mib * (1 << 20))
  closeSync(file)
}

function noise(seed: number): Buffer {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16))
  return cipher.update(Buffer.alloc(1 << 20))
}

export function qemuImg(...args: string[]): string {
  return execFileSync('qemu-img', args, { encoding: 'utf8' })
}

/** What the guest would see, hashed. */
export function contentOf(path: string, format: string): string {
  const raw = `${path}.content`
  qemuImg('convert', '-f', format, '-O', 'raw', path, raw)
  const digest = createHash('sha256').update(readFileSync(raw)).digest('hex')
  rmSync(raw)
  return digest
}

export interface DiskWanted {
  readonly mib: number
  readonly dataMib?: number
  /** What it prints on the serial port when it is booted by BIOS. */
  readonly says?: string
}

export interface MadeOva {
  readonly path: string
  /** Content of each disk, hashed. */
  readonly contents: readonly string[]
}

/** A VMware-style OVA: OVF first, digests, then streamOptimized disks. */
export function makeOva(
  folder: string,
  name: string,
  disks: readonly DiskWanted[],
  firmware: 'bios' | 'efi' = 'bios',
  mac = '00:50:56:aa:00:01',
): MadeOva {
  const parts = join(folder, `${name}.parts`)
  mkdirSync(parts, { recursive: true })
  const contents = disks.map(({ mib, dataMib, says }, index) => {
    const raw = join(parts, `${index}.raw`)
    writeRaw(raw, mib, dataMib, index + 1)
    if (says !== undefined) writeBootSector(raw, says)
    qemuImg(
      'convert',
      '-f',
      'raw',
      '-O',
      'vmdk',
      '-o',
      'subformat=streamOptimized',
      raw,
      join(parts, `${name}-disk${index + 1}.vmdk`),
    )
    return createHash('sha256').update(readFileSync(raw)).digest('hex')
  })
  writeFileSync(join(parts, `${name}.ovf`), ovf(name, disks, firmware, mac))
  const files = [`${name}.ovf`, ...disks.map((_, index) => `${name}-disk${index + 1}.vmdk`)]
  const digests = files.map((file) => {
    return `SHA256(${file})= ${createHash('sha256')
      .update(readFileSync(join(parts, file)))
      .digest('hex')}\n`
  })
  writeFileSync(join(parts, `${name}.mf`), digests.join(''))
  const path = join(folder, `${name}.ova`)
  const [first = '', ...rest] = files
  execFileSync('tar', ['--format=ustar', '-C', parts, '-cf', path, first, `${name}.mf`, ...rest])
  rmSync(parts, { recursive: true })
  return { path, contents }
}

export function ovf(name: string, disks: readonly DiskWanted[], firmware: string, mac: string): string {
  const references = disks.map(
    (_, index) => `<File ovf:href="${name}-disk${index + 1}.vmdk" ovf:id="file${index + 1}"/>`,
  )
  const section = disks.map(({ mib }, index) => {
    return `<Disk ovf:capacity="${mib}" ovf:capacityAllocationUnits="byte * 2^20" ovf:diskId="vmdisk${index + 1}" ovf:fileRef="file${index + 1}" ovf:format="http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"/>`
  })
  const items = disks.map((_, index) => {
    return `<Item><rasd:AddressOnParent>${index}</rasd:AddressOnParent><rasd:ElementName>Hard Disk ${index + 1}</rasd:ElementName><rasd:HostResource>ovf:/disk/vmdisk${index + 1}</rasd:HostResource><rasd:InstanceID>${10 + index}</rasd:InstanceID><rasd:Parent>3</rasd:Parent><rasd:ResourceType>17</rasd:ResourceType></Item>`
  })
  return `<?xml version="1.0" encoding="UTF-8"?>
<Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/CIM_ResourceAllocationSettingData" xmlns:vmw="http://www.vmware.com/schema/ovf">
<References>${references.join('')}</References>
<DiskSection><Info>disks</Info>${section.join('')}</DiskSection>
<NetworkSection><Info>networks</Info><Network ovf:name="VM Network"/></NetworkSection>
<VirtualSystem ovf:id="${name}"><Info>a machine</Info><Name>${name}</Name>
<OperatingSystemSection ovf:id="96" vmw:osType="debian12_64Guest"><Info>os</Info></OperatingSystemSection>
<VirtualHardwareSection><Info>hardware</Info>
<Item><rasd:InstanceID>1</rasd:InstanceID><rasd:ResourceType>3</rasd:ResourceType><rasd:VirtualQuantity>2</rasd:VirtualQuantity></Item>
<Item><rasd:AllocationUnits>byte * 2^20</rasd:AllocationUnits><rasd:InstanceID>2</rasd:InstanceID><rasd:ResourceType>4</rasd:ResourceType><rasd:VirtualQuantity>2048</rasd:VirtualQuantity></Item>
<Item><rasd:Address>0</rasd:Address><rasd:InstanceID>3</rasd:InstanceID><rasd:ResourceSubType>VirtualSCSI</rasd:ResourceSubType><rasd:ResourceType>6</rasd:ResourceType></Item>
${items.join('\n')}
<Item><rasd:Address>${mac}</rasd:Address><rasd:AddressOnParent>7</rasd:AddressOnParent><rasd:Connection>VM Network</rasd:Connection><rasd:InstanceID>30</rasd:InstanceID><rasd:ResourceSubType>VmxNet3</rasd:ResourceSubType><rasd:ResourceType>10</rasd:ResourceType></Item>
<vmw:Config ovf:required="false" vmw:key="firmware" vmw:value="${firmware}"/>
</VirtualHardwareSection></VirtualSystem></Envelope>
`
}

/** A workspace with the given files; `h2k.yaml` unless one is among them. */
export function makeWorkspace(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder()
  const all = { 'h2k.yaml': 'h2k_version: 1\nname: test\n', ...files }
  for (const [name, content] of Object.entries(all)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  return folder
}

/** The manifest of a machine in an OVA, in as few words as possible. */
export function ovaManifest(path: string, rest = ''): string {
  return `manifest_version: "1.0"
source: {provider: ova, path: ${JSON.stringify(path)}}
network_mapping: {source_networks: {VM Network: br0}}
pipeline: {convert: {enabled: true}, validate: {enabled: true}}
${rest}`
}
