import type { Context } from './context.ts'

/** The versions of those of the host's tools that are named. @throws ProblemError TOOL_MISSING */
export async function toolVersions(
  names: readonly string[],
  { disks, guests }: Context,
  signal: AbortSignal,
): Promise<Record<string, string>> {
  const found = {
    ...(names.includes('qemu-img') ? await disks.tools(signal) : {}),
    ...(names.includes('libguestfs') ? await guests.tools(signal) : {}),
  }
  return Object.fromEntries(Object.entries(found).filter(([name]) => names.includes(name)))
}
