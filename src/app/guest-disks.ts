import type { Machine } from '../core/machine.ts'
import { nameInWorld } from '../core/made-as.ts'
import type { ExportOutput } from '../core/outputs.ts'
import { fileNameOf } from '../core/printable.ts'
import type { GuestDisks } from '../ports/guests.ts'
import type { Context } from './context.ts'

/** Where all machines' overlays lie while they are worked on. Absolute, with a slash at the end. */
export function scratchFolders({ workDirectory }: Pick<Context, 'workDirectory'>): string {
  return `${workDirectory}/guests/`
}

/** Where a machine's overlays lie while it is worked on. Absolute. */
export function scratchFolder(
  machine: Pick<Machine, 'name' | 'madeAs'>,
  context: Pick<Context, 'workDirectory'>,
): string {
  return `${scratchFolders(context)}${fileNameOf(nameInWorld(machine))}`
}

/** A machine's disks as its guest is looked into. */
export function guestDisks(machine: Machine, { disks }: ExportOutput, context: Context): GuestDisks {
  const folder = scratchFolder(machine, context)
  return {
    folder,
    disks: machine.disks.map(({ id }) => {
      const exported = disks.find((disk) => disk.id === id)
      if (!exported) throw new Error(`export left no disk ${id}`)
      return { id, image: exported.image, overlay: `${folder}/${fileNameOf(id)}.qcow2` }
    }),
    luksKeys: machine.inspection?.luksKeys ?? [],
  }
}

/** What of them an output depends on: where the overlays lie does not matter. */
export function guestIdentity({ disks, luksKeys }: GuestDisks, exported: ExportOutput) {
  return {
    disks: disks.map(({ id, image }) => {
      const checked = exported.disks.find((disk) => disk.id === id)?.checked
      return { id, image, ...(checked === undefined ? {} : { checked }) }
    }),
    luksKeys,
    // A digest that was checked says more than a date.
    files: exported.disks.every((disk) => disk.checked !== undefined) ? [] : exported.files,
  }
}
