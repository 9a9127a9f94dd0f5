import { type Appliance, unlessRefused } from './appliance.ts'

/** What blkid(8) says of a device, by the names that it uses. */
export type Tags = Readonly<Record<string, string>>

/** Looks at each device once, since it costs a process; at one that cannot be read, such as a volume before its key, again. */
export function tagReader({ call }: Appliance): (device: string) => Promise<Tags> {
  const known = new Map<string, Promise<Tags>>()
  const read = async (device: string): Promise<Tags> => {
    const tags = await unlessRefused(call<Record<string, string>>('blkid', [device]))
    // Also a device with nothing on it.
    if (!tags) {
      known.delete(device)
      return {}
    }
    // blkid writes them for a shell.
    return Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, value.replace(/\\(.)/g, '$1')]))
  }
  return (device) => {
    const tags = known.get(device) ?? read(device)
    known.set(device, tags)
    return tags
  }
}
