import type { Plan, PlannedMachine } from '../../src/core/plan.ts'

/** A machine as a plan has it: created by a copy of one file. */
export function planned(name: string, rest: Partial<PlannedMachine> = {}): PlannedMachine {
  return {
    name,
    file: `manifests/${name}.yaml`,
    action: 'create',
    stages: [{ stage: 'convert', decision: { run: true, why: 'first' }, does: '1 disk to qcow2' }],
    desired: 'd1',
    sources: [{ path: `/images/${name}.ova`, bytes: 10, modified: '1' }],
    serial: 0,
    readBytes: 10,
    writeBytes: 20,
    problems: [],
    notes: [],
    notApplied: [],
    ...rest,
  }
}

export function planOf(machines: readonly PlannedMachine[], rest: Partial<Plan> = {}): Plan {
  return {
    format_version: 1,
    workspace: 'test',
    lineage: 'l1',
    serial: 7,
    redo: [],
    refresh: true,
    tools: { 'qemu-img': '7.2' },
    machines,
    space: [{ path: '/ws/output', neededBytes: 20, freeBytes: 100 }],
    ...rest,
  }
}
