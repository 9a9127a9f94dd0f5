import { expect } from 'vitest'
import type { DescribedDomain, DomainInterface } from '../../../src/core/domain/described-domain.ts'
import { type Domain, domainName, domainUuid } from '../../../src/core/domain-xml.ts'

/** An object without what is undefined in it. */
export const optional = <T extends object>(found: T) =>
  Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined)) as T

/** The machine that a domain describes, in the words of `Domain`. */
export function writtenAs(found: DescribedDomain): object {
  return {
    mark: found.made && { workspace: found.made.workspace, name: found.made.name },
    name: found.name,
    uuid: found.uuid,
    type: found.type,
    hardware: {
      cpus: found.cpus,
      memoryMib: found.memoryBytes / 2 ** 20,
      firmware: found.firmware.kind,
      secureBoot: found.firmware.secureBoot,
      tpm: found.tpm !== undefined,
      machineType: found.machineType,
      cpuMode: found.cpuMode,
      os: found.made?.os,
      ...optional({ loader: found.firmware.chosen ? undefined : found.firmware.loader }),
      ...optional({ nvramTemplate: found.firmware.nvramTemplate, watchdog: found.watchdog?.action }),
    },
    disks: found.disks.map(({ bus, source, format, bootOrder, device, cache, io, discard, limits }) => ({
      limits,
      driver: optional({ cache, io, discard }),
      bus,
      source,
      format,
      bootOrder,
      device,
    })),
    nics: found.interfaces.map(({ mac: address, type, source, virtualport, vlans, model, ...rest }, index) => {
      const { ip, sourceNetwork } = found.made?.nics[index] ?? {}
      const openvswitch = virtualport === 'openvswitch' ? true : undefined
      const attach = optional({ kind: type, name: source, openvswitch })
      return optional({ mac: address, sourceNetwork, attach, vlan: vlans[0], model, ip, limits: nicLimits(rest) })
    }),
  }
}

/** What such a domain is meant to be, in the same words. */
export function meant(written: Domain): object {
  const emulated = written.type === 'qemu' && written.hardware.cpuMode === 'host-passthrough'
  return {
    mark: { workspace: written.workspace, name: written.name },
    name: domainName(written.domainName ?? written.name),
    uuid: domainUuid(written),
    type: written.type,
    hardware: { ...written.hardware, ...(emulated ? { cpuMode: 'maximum' } : {}) },
    disks: written.disks.map(({ bus, to, bootOrder, driver, source, limits = {} }) => {
      return {
        limits,
        driver,
        bus,
        source: source ?? { kind: 'file', path: to.path },
        format: to.format,
        bootOrder,
        device: 'disk',
      }
    }),
    nics: written.nics.map(({ id: _, ...rest }) => rest),
  }
}

function nicLimits({ inbound, outbound }: Pick<DomainInterface, 'inbound' | 'outbound'>): object | undefined {
  expect(outbound).toEqual(inbound)
  const { average, peak, burst } = inbound ?? {}
  return inbound && optional({ averageKib: average, peakKib: peak, burstKib: burst })
}
