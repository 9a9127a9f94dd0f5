import type { Json } from '../json.ts'
import type { Manifest } from '../language/manifest.ts'
import type { Machine } from '../machine.ts'

/**
 * A machine as policies of users see it: with the keys of a manifest, completed by its source and with the defaults filled in.
 * Nothing that may be secret is in it.
 */
export function wantedOf({ hardware, disks, nics, target, source, repair }: Machine, { cutover = {} }: Manifest): Json {
  return {
    source: { provider: source.provider, ...('path' in source ? { path: source.path } : {}) },
    vm: {
      cpu: hardware.cpus,
      mem_gb: hardware.memoryMib / 1024,
      firmware: hardware.firmware,
      secureboot: hardware.secureBoot,
      tpm: hardware.tpm,
      machine_type: hardware.machineType,
      os_hint: hardware.os,
    },
    disks: disks.map(({ id, virtualBytes, bus, to, place, datastore }) => ({
      id,
      bytes: virtualBytes,
      bus,
      format: to.format,
      ...(place.kind === 'pool' ? { pool: place.pool } : { target_path: place.kind === 'file' ? place.path : to.path }),
      ...(datastore === undefined ? {} : { datastore }),
    })),
    nics: nics.map(({ id, mac, sourceNetwork, attach, vlan, model }) => ({
      id,
      mac,
      model,
      ...(sourceNetwork === undefined ? {} : { network: sourceNetwork }),
      attach: { [attach.kind]: attach.name },
      ...(vlan === undefined ? {} : { vlan }),
    })),
    target: { type: target.kind, connection: target.connection },
    pipeline: { fix: { enabled: repair !== undefined } },
    cutover: {
      require_approval: cutover.require_approval ?? false,
      source_action: cutover.source_action ?? 'none',
    },
  }
}
