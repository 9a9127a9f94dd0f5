import type { Plan, PlannedMachine, PlannedStage } from '../../../src/core/plan.ts'
import { planned, planOf } from '../../core/plans.ts'

const gib = 2 ** 30
const first = { run: true, why: 'first' } as const

/** A plan as of a data center: most machines are copied for the first time, in four waves, and some need a second look. */
export function thousandMachines(): Plan {
  const machines = [
    ...Array.from({ length: 640 }, (_, index) => copied('web', index)),
    ...Array.from({ length: 240 }, (_, index) => copied('app', index)),
    ...Array.from({ length: 60 }, (_, index) => remapped(index)),
    ...Array.from({ length: 20 }, (_, index) => blocked(index)),
    ...Array.from({ length: 3 }, (_, index) => destroyed(index)),
    planned('legacy-db-01', {
      action: 'replace',
      stages: [
        {
          stage: 'convert',
          decision: { run: true, why: 'changed', changes: [{ path: 'convert.compressLevel', from: 6, to: 9 }] },
          does: '2 disks to qcow2, zstd',
        },
        {
          stage: 'publish',
          decision: { run: true, why: 'upstream', stage: 'convert' },
          does: 'domain legacy-db-01 in kvm1',
        },
      ],
      notes: ['boots BIOS'],
      readBytes: 400 * gib,
      writeBytes: 900 * gib,
    }),
    ...Array.from({ length: 36 }, (_, index) =>
      planned(`done-${index}`, { action: 'noop', stages: [], readBytes: 0, writeBytes: 0 }),
    ),
  ]
  const space = [{ path: '/var/lib/libvirt/images', neededBytes: 17_000 * gib, freeBytes: 20_000 * gib }]
  return planOf(machines, {
    workspace: 'datacenter-exit',
    space,
    duration: { seconds: 86_400, basis: 'convert measured at 210 MiB/s' },
  })
}

function copied(kind: string, index: number): PlannedMachine {
  const name = `${kind}-${String(index + 1).padStart(4, '0')}`
  const stages: readonly PlannedStage[] = [
    { stage: 'preflight', decision: first, does: 'tools, names and 2 image headers' },
    { stage: 'export', decision: first, does: `${name}.ova: boot 40 GiB (3.1 used), data 100 GiB (12.4 used)` },
    { stage: 'convert', decision: first, does: '2 disks to qcow2, zstd' },
    { stage: 'publish', decision: first, does: `domain ${name} in kvm1: pool vms, bridge br0` },
  ]
  const notes = index % 10 === 0 ? ['boots BIOS'] : []
  return planned(name, { stages, notes, wave: `wave-${(index % 4) + 1}`, readBytes: 15 * gib, writeBytes: 18 * gib })
}

function remapped(index: number): PlannedMachine {
  const change = {
    path: 'nics.0.bridge',
    from: 'br-dmz',
    to: 'br-dmz2',
    at: { file: 'mappings/network.yaml', line: 7 },
  }
  const decision = { run: true, why: 'changed', changes: [change] } as const
  const stages = [{ stage: 'publish', decision, does: 'domain in kvm1' }] as const
  return planned(`dmz-${String(index + 1).padStart(3, '0')}`, { action: 'update', stages, readBytes: 0, writeBytes: 0 })
}

function blocked(index: number): PlannedMachine {
  const name = `lost-${String(index + 1).padStart(2, '0')}`
  const summary = `../exports/${name}.ova does not exist`
  const at = { file: `manifests/${name}.yaml`, line: 4, column: 9 }
  return planned(name, {
    action: 'blocked',
    stages: [],
    problems: [{ severity: 'error', code: 'SOURCE_MISSING', summary, at, address: `machine.${name}` }],
  })
}

function destroyed(index: number): PlannedMachine {
  const name = `retired-0${index + 1}`
  const path = `/var/lib/libvirt/images/${name}.qcow2`
  return planned(name, {
    action: 'destroy',
    stages: [],
    removals: [{ path, standing: 'as made', bytes: 12 * gib, mark: 'm' }],
    readBytes: 0,
    writeBytes: 0,
  })
}
