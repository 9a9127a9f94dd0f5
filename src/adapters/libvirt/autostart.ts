import type { Virsh } from './virsh.ts'

/** Has a domain start with its host, or not. */
export async function setAutostart(virsh: Virsh, uuid: string, on: boolean, signal: AbortSignal): Promise<void> {
  await virsh.run(['autostart', `--domain=${uuid}`, ...(on ? [] : ['--disable'])], signal)
}
