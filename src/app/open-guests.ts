import type { RepairOutcome } from '../core/repair.ts'
import type { Guest, GuestDisks, Guests } from '../ports/guests.ts'
import type { VirtV2v, VirtV2vOptions } from '../ports/virt-v2v.ts'
import type { Work } from '../ports/work.ts'

/** Guests that stay open from one stage of a machine to the next, so that one launch serves both. */
export interface OpenGuests extends Pick<Guests, 'tools'> {
  /** The machine's guest as an earlier stage of this run left it, else over new overlays. @throws as `Guests.open` */
  take(disks: GuestDisks, work: Pick<Work, 'signal' | 'intend'>, overlays?: 'written'): Promise<Guest>
  /** Ends a machine's guest at once, if it is open, and has virt-v2v repair it over new overlays. @throws as `VirtV2v.repair` */
  repairByVirtV2v(
    disks: GuestDisks,
    options: VirtV2vOptions,
    work: Pick<Work, 'signal' | 'intend'>,
  ): Promise<RepairOutcome>
  readonly virtV2v: Omit<VirtV2v, 'repair'>
  /** Ends a machine's guest when all that was written is in its overlays. */
  finish(folder: string): Promise<void>
  /** Ends a machine's guest at once, if it is open. */
  close(folder: string): Promise<void>
}

export function createOpenGuests(guests: Guests): OpenGuests {
  const open = new Map<string, Guest>()
  const intend = async ({ disks }: GuestDisks, work: Pick<Work, 'intend'>) => {
    for (const { overlay } of disks) await work.intend(overlay, '')
  }
  const close = async (folder: string) => {
    const guest = open.get(folder)
    open.delete(folder)
    await guest?.abandon()
  }
  return {
    tools: guests.tools,
    virtV2v: guests.virtV2v,
    async repairByVirtV2v(disks, options, work) {
      await close(disks.folder)
      await intend(disks, work)
      return await guests.virtV2v.repair(disks, options, work.signal)
    },
    async take(disks, work, overlays) {
      const known = open.get(disks.folder)
      if (known) return known
      await intend(disks, work)
      const guest = await guests.open(disks, work.signal, overlays)
      open.set(disks.folder, guest)
      return guest
    },
    async finish(folder) {
      await open.get(folder)?.finish()
      open.delete(folder)
    },
    close,
  }
}
