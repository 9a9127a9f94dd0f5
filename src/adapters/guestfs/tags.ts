import { type Appliance, unlessRefused } from './appliance.ts'

/** What blkid(8) says of a device, by the names that it uses. */
export type Tags = Readonly<Record<string, string>>

/** Looks at each device once: it costs a process. */
export function tagReader({ call }: Appliance): (device: string) => Promise<Tags> {
  const known = new Map<string, Promise<Tags>>()
  const read = async (device: string): Promise<Tags> => {
    // A device without a file system has none.
    const tags = (await unlessRefused(call<Record<string, string>>('blkid', [device]))) ?? {}
    // blkid writes them for a shell.
    return Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, value.replace(/\\(.)/g, '$1')]))
  }
  return (device) => {
    const tags = known.get(device) ?? read(device)
    known.set(device, tags)
    return tags
  }
}
