import type { Hardware } from './machine.ts'
import { osFamily } from './os-family.ts'
import type { XmlNode } from './xml-node.ts'

interface System {
  readonly type: 'kvm' | 'qemu'
  readonly hardware: Hardware
  readonly nvram?: string
}

/** What a domain is apart from its devices: firmware, features, CPU and clock. */
export function systemNodes({ type, hardware, nvram }: System): XmlNode {
  const windows = osFamily(hardware.os) === 'windows'
  // What Hyper-V offers only KVM can play.
  const hyperv = windows && type === 'kvm'
  return {
    os: os(hardware, nvram),
    features: {
      acpi: '',
      apic: '',
      ...(hyperv ? { hyperv: enlightenments() } : {}),
      ...(hardware.secureBoot ? { smm: { '@state': 'on' } } : {}),
    },
    // Software emulation has no host CPU to pass through.
    cpu: { '@mode': type === 'qemu' && hardware.cpuMode === 'host-passthrough' ? 'maximum' : hardware.cpuMode },
    clock: {
      '@offset': windows ? 'localtime' : 'utc',
      timer: [
        { '@name': 'rtc', '@tickpolicy': 'catchup' },
        { '@name': 'pit', '@tickpolicy': 'delay' },
        { '@name': 'hpet', '@present': 'no' },
        ...(hyperv ? [{ '@name': 'hypervclock', '@present': 'yes' }] : []),
      ],
    },
  }
}

function os(hardware: Hardware, nvram: string | undefined): XmlNode {
  const { firmware, secureBoot, machineType, loader, nvramTemplate } = hardware
  const type = { '@arch': 'x86_64', '@machine': machineType, '#text': 'hvm' }
  if (firmware === 'bios') return { type }
  if (loader !== undefined) {
    const secure = secureBoot ? { '@secure': 'yes' } : {}
    const template = nvramTemplate === undefined ? {} : { '@template': nvramTemplate }
    const variables = nvram === undefined ? template : { ...template, '#text': nvram }
    return {
      type,
      loader: { '@readonly': 'yes', ...secure, '@type': 'pflash', '#text': loader },
      ...(Object.keys(variables).length > 0 ? { nvram: variables } : {}),
    }
  }
  const enabled = secureBoot ? 'yes' : 'no'
  const feature = ['secure-boot', 'enrolled-keys'].map((name) => ({ '@enabled': enabled, '@name': name }))
  return { '@firmware': 'efi', type, firmware: { feature }, ...(nvram === undefined ? {} : { nvram }) }
}

/**
 * What makes Windows run well, as far as each needs no other that a host may lack
 * (https://qemu.org/docs/master/system/i386/hyperv.html).
 */
function enlightenments(): XmlNode {
  const on = ['relaxed', 'vapic', 'vpindex', 'runtime', 'synic', 'stimer', 'frequencies', 'reset']
  return {
    '@mode': 'custom',
    ...Object.fromEntries(on.map((name) => [name, { '@state': 'on' }])),
    spinlocks: { '@state': 'on', '@retries': 8191 },
  }
}
