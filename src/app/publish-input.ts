import type { Machine } from '../core/machine.ts'
import { nameInWorld } from '../core/made-as.ts'
import type { ConvertedDisk } from '../core/outputs.ts'
import type { PublishInput } from '../ports/target.ts'

/** The part of a machine that its target needs. A disk that goes elsewhere has to go there again when it is another one. */
export function publishInput(
  { hardware, disks, nics, target, domainPatches, ...machine }: Machine,
  workspace: string,
  converted: readonly ConvertedDisk[] = [],
): PublishInput {
  const { kind, directory } = target
  const common = {
    workspace,
    name: nameInWorld(machine),
    ...(machine.domainUuid === undefined ? {} : { uuid: machine.domainUuid }),
    hardware,
    disks: disks.map(({ id, bus, to, bootOrder, place, driver, limits }) => {
      const sha256 = place.kind === 'output' ? undefined : converted.find((disk) => disk.id === id)?.sha256
      return {
        id,
        bus,
        to,
        bootOrder,
        place,
        driver,
        ...(limits === undefined ? {} : { limits }),
        ...(sha256 === undefined ? {} : { sha256 }),
      }
    }),
    nics,
    ...(domainPatches ? { patches: domainPatches } : {}),
    directory,
  }
  if (kind === 'files') return { kind, ...common, type: target.domainType }
  const { kind: _kind, connection: _connection, directory: _directory, ...libvirt } = target
  return { kind, ...common, libvirt }
}
