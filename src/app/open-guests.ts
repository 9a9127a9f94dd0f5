import type { Guest, GuestDisks, Guests } from '../ports/guests.ts'
import type { Work } from '../ports/work.ts'

/** Guests that stay open from one stage of a machine to the next, so that one launch serves both. */
export interface OpenGuests extends Pick<Guests, 'tools'> {
  /** The machine's guest as an earlier stage of this run left it, else over new overlays. @throws as `Guests.open` */
  take(disks: GuestDisks, work: Pick<Work, 'signal' | 'intend'>): Promise<Guest>
  /** Ends a machine's guest when all that was written is in its overlays. */
  finish(folder: string): Promise<void>
  /** Ends a machine's guest at once, if it is open. */
  close(folder: string): Promise<void>
}

export function createOpenGuests(guests: Guests): OpenGuests {
  const open = new Map<string, Guest>()
  return {
    tools: guests.tools,
    async take(disks, work) {
      const known = open.get(disks.folder)
      if (known) return known
      for (const { overlay } of disks.disks) await work.intend(overlay, '')
      const guest = await guests.open(disks, work.signal)
      open.set(disks.folder, guest)
      return guest
    },
    async finish(folder) {
      await open.get(folder)?.finish()
      open.delete(folder)
    },
    async close(folder) {
      const guest = open.get(folder)
      open.delete(folder)
      await guest?.abandon()
    },
  }
}
