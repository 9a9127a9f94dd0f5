import { child, childrenNamed, parseXml, type XmlElement } from '../../core/xml.ts'
import type { Virsh } from './virsh.ts'

/** What a libvirt's host can give to machines of a kind. */
export interface Capabilities {
  readonly domainType: 'kvm' | 'qemu'
  readonly uefi: boolean
  readonly secureBoot: boolean
  readonly tpm: boolean
  readonly networks: readonly string[]
}

/** Whether the host has KVM, by what libvirt found when it tried. (https://libvirt.org/formatcaps.html) */
export async function domainTypeOf(virsh: Virsh, signal: AbortSignal): Promise<'kvm' | 'qemu'> {
  const host = parseXml(await virsh.run(['capabilities'], signal), `capabilities of ${virsh.uri}`)
  const kvm = childrenNamed(host, 'guest').some((guest) => {
    const arch = child(guest, 'arch')
    if (arch?.attributes.name !== 'x86_64') return false
    return childrenNamed(arch, 'domain').some(({ attributes }) => attributes.type === 'kvm')
  })
  return kvm ? 'kvm' : 'qemu'
}

/** What a domain of this kind can have. (https://libvirt.org/formatdomaincaps.html) */
export async function capabilitiesOf(
  virsh: Virsh,
  domainType: 'kvm' | 'qemu',
  machine: string,
  signal: AbortSignal,
): Promise<Omit<Capabilities, 'domainType' | 'networks'>> {
  const args = ['domcapabilities', `--virttype=${domainType}`, '--arch=x86_64', `--machine=${machine}`]
  const domain = parseXml(await virsh.run(args, signal), `capabilities of ${virsh.uri}`)
  const os = child(domain, 'os')
  const loader = os && child(os, 'loader')
  const tpm = child(child(domain, 'devices') ?? domain, 'tpm')
  return {
    uefi: os !== undefined && enumOf(os, 'firmware').includes('efi'),
    secureBoot: loader !== undefined && enumOf(loader, 'secure').includes('yes'),
    tpm: tpm?.attributes.supported === 'yes' && enumOf(tpm, 'backendModel').includes('emulator'),
  }
}

function enumOf(element: XmlElement, name: string): readonly string[] {
  const found = childrenNamed(element, 'enum').find(({ attributes }) => attributes.name === name)
  return (found?.children ?? []).map(({ text }) => text.trim())
}
