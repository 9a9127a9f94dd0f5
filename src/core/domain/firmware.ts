import { child, childrenNamed, textOf, type XmlElement } from '../xml.ts'
import type { DomainFirmware } from './described-domain.ts'

/** What `<os>` says of the firmware. (https://libvirt.org/formatdomain.html#bios-bootloader) */
export function firmwareOf(os: XmlElement): DomainFirmware {
  const loader = child(os, 'loader')
  const nvram = child(os, 'nvram')
  const path = loader?.text.trim()
  const file = nvram?.text.trim() || (nvram && child(nvram, 'source')?.attributes.file)
  const elsewhere = nvram?.attributes.type
  const { readonly, stateless } = loader?.attributes ?? {}
  const kind = kindOf(os, loader, nvram)
  const enrolled = featureOf(os, 'enrolled-keys')
  const variant = kind === 'uefi' && (featureOf(os, 'secure-boot') ?? loader?.attributes.secure === 'yes')
  return {
    kind,
    secureBoot: variant && enrolled !== false,
    withoutKeys: variant && enrolled === false,
    ...(path ? { loader: path } : {}),
    chosen: os.attributes.firmware !== undefined,
    separate: loader?.attributes.type === 'pflash' && readonly === 'yes' && stateless !== 'yes',
    ...(file ? { nvram: file } : {}),
    ...(elsewhere === undefined || elsewhere === 'file' ? {} : { nvramElsewhere: elsewhere }),
    ...(nvram?.attributes.template === undefined ? {} : { nvramTemplate: nvram.attributes.template }),
  }
}

function kindOf(os: XmlElement, loader: XmlElement | undefined, nvram: XmlElement | undefined): 'bios' | 'uefi' {
  if (os.attributes.firmware !== undefined) return os.attributes.firmware === 'efi' ? 'uefi' : 'bios'
  // QEMU has no BIOS in flash, and a BIOS keeps no variables.
  if (loader?.attributes.type === 'pflash' || nvram) return 'uefi'
  // An OVMF image may also be given as a ROM.
  return /ovmf|aavmf|edk2|uefi/i.test(textOf(os, 'loader') ?? '') ? 'uefi' : 'bios'
}

function featureOf(os: XmlElement, name: string): boolean | undefined {
  const firmware = child(os, 'firmware')
  const feature = firmware && childrenNamed(firmware, 'feature').find(({ attributes }) => attributes.name === name)
  return feature && feature.attributes.enabled === 'yes'
}
