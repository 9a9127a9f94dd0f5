import type { Machine } from '../core/machine.ts'
import type { PublishInput } from '../ports/target.ts'

/** The part of a machine that its target needs. */
export function publishInput({ name, hardware, disks, nics, target }: Machine, workspace: string): PublishInput {
  return {
    workspace,
    name,
    hardware,
    disks: disks.map(({ id, bus, to, bootOrder }) => ({ id, bus, to, bootOrder })),
    nics,
    type: target.domainType,
    directory: target.directory,
  }
}
