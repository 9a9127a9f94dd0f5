import type { GuestTree } from '../../../ports/guest-tree.ts'

// e_machine of ELF's header, elf(5).
const machines: ReadonlyMap<number, string> = new Map([
  [3, 'i386'],
  [21, 'ppc64le'],
  [22, 's390x'],
  [40, 'arm'],
  [62, 'x86_64'],
  [183, 'aarch64'],
  [243, 'riscv64'],
])

/** What the guest's programs are made for, by the header of one that every Linux has; empty when it cannot be told. */
export async function architectureOf(tree: GuestTree): Promise<string> {
  for (const path of ['/bin/sh', '/usr/bin/env', '/sbin/init']) {
    const header = (await tree.readBytes(path))?.subarray(0, 20)
    if (header?.length !== 20 || !Buffer.from(header.subarray(0, 4)).equals(Buffer.from('\x7fELF'))) continue
    const littleEndian = header[5] === 1
    const [low = 0, high = 0] = littleEndian ? [header[18], header[19]] : [header[19], header[18]]
    return machines.get(low | (high << 8)) ?? ''
  }
  return ''
}
