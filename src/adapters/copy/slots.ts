import { loadKoffi } from './koffi.ts'

/** Where memory, places and lengths begin and end for O_DIRECT: enough for every usual disk. */
export const pageBytes = 4096

/** Memory for one chunk each, shared by all threads of a copy. */
export interface Slots {
  readonly memory: SharedArrayBuffer
  /** Where in it the first begins. */
  readonly begin: number
  /** From one to the next. */
  readonly bytes: number
}

/** @param inPages whether each has to begin with a page, as what is written past the host's memory does */
export function makeSlots(count: number, bytes: number, inPages: boolean): Slots {
  const address = inPages ? addressing() : undefined
  if (!address) return { memory: new SharedArrayBuffer(count * bytes), begin: 0, bytes }
  const whole = Math.ceil(bytes / pageBytes) * pageBytes
  const memory = new SharedArrayBuffer(count * whole + pageBytes)
  const before = Number(address(Buffer.from(memory)) % BigInt(pageBytes))
  return { memory, begin: (pageBytes - before) % pageBytes, bytes: whole }
}

/** Whether slots can begin with pages here. */
export function knowsPages(): boolean {
  return addressing() !== undefined
}

/** So many bytes of a slot, from the `at`th on. */
export function inSlot({ memory, begin, bytes }: Slots, slot: number, at: number, length: number): Buffer {
  return Buffer.from(memory, begin + slot * bytes + at, length)
}

// Nobody else tells where memory is.
function addressing(): ((memory: Buffer) => bigint) | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    return loadKoffi().address
  } catch {
    // An optional package: without it, what is written goes through the host's memory.
    return undefined
  }
}
