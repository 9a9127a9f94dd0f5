import type { Manifest } from '../language/manifest.ts'
import { printable } from '../printable.ts'
import type { DescribedDomain } from './described-domain.ts'

type Firmware = Pick<NonNullable<Manifest['vm']>, 'firmware' | 'secureboot' | 'loader' | 'nvram_template'>

/** What a manifest says of a domain's firmware. A loader that libvirt chose, it chooses again on the target. */
export function importedFirmware(
  { firmware }: Pick<DescribedDomain, 'firmware'>,
  warnings: string[],
): Firmware & Required<Pick<Firmware, 'firmware'>> {
  const { kind, secureBoot, loader, nvramTemplate, chosen, separate, nvram, nvramElsewhere } = firmware
  if (firmware.withoutKeys) warnings.push('vm.secureboot: its firmware has no keys enrolled, so it is off')
  if (nvramElsewhere !== undefined) {
    const where = `behind a source of type ${printable(nvramElsewhere)}`
    warnings.push(`the UEFI variables ${where} are not taken over: here they are new, in a file of the host`)
  } else if (nvram !== undefined) {
    warnings.push(`the UEFI variables in ${printable(nvram)}, such as boot entries, are not taken over`)
  }
  const own = kind === 'uefi' && !chosen && separate && isHostFile(loader)
  if (own) {
    const rest = nvramTemplate === undefined ? ', and libvirt know what its variables are begun with' : ''
    warnings.push(`vm.loader: the target has to have ${printable(loader)}${rest}; without the key libvirt chooses one`)
  } else if (loader !== undefined && !chosen) {
    warnings.push(`the firmware ${printable(loader)} is not taken over: ${whyNot(firmware)}`)
  }
  const template = own && isHostFile(nvramTemplate) ? nvramTemplate : undefined
  if (nvramTemplate !== undefined && template === undefined && kind === 'uefi') {
    warnings.push(`what its variables were begun with, ${printable(nvramTemplate)}, is not taken over`)
  }
  return {
    firmware: kind,
    ...(secureBoot ? { secureboot: true } : {}),
    ...(own ? { loader } : {}),
    ...(template === undefined ? {} : { nvram_template: template }),
  }
}

// As the language takes it.
function isHostFile(path: string | undefined): path is string {
  return path !== undefined && /^\/[^\p{Cc}]+$/u.test(path)
}

function whyNot({ kind, separate, loader }: DescribedDomain['firmware']): string {
  if (kind === 'bios') return 'here it is the BIOS of QEMU'
  const chooses = 'here libvirt chooses one'
  if (!separate) return `its variables are in no file of their own; ${chooses}, whose are`
  return `${printable(loader ?? '')} is no path on a host; ${chooses}`
}
