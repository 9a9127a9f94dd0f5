import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Encryption } from '../../ports/encryption.ts'

interface Kernel {
  /** Of sysfs. */
  readonly sys: string
  readonly mountinfo: string
}

const running: Kernel = { sys: '/sys', mountinfo: '/proc/self/mountinfo' }

// What cryptsetup calls mappings that encrypt; CRYPT-VERITY and CRYPT-INTEGRITY do not.
const encrypting = /^CRYPT-(?:LUKS1|LUKS2|PLAIN|LOOPAES|TCRYPT|BITLK|FVAULT2)\b/

/**
 * Whether what is written at a path, which need not be there, ends on an encrypted block device of this host (dm-crypt, by the
 * UUIDs that cryptsetup gives its mappings), below LVM, RAID and loop devices too.
 */
export function encryptionOf(path: string, kernel: Kernel = running): Encryption {
  const device = deviceUnder(existing(path), kernel)
  return device === undefined ? 'unknown' : encryptionOfDevice(join(kernel.sys, 'dev/block', device), kernel)
}

function encryptionOfDevice(device: string, kernel: Kernel): Encryption {
  if (!existsSync(device)) return 'unknown'
  if (encrypting.test(content(join(device, 'dm/uuid')))) return 'encrypted'
  const backing = content(join(device, 'loop/backing_file'))
  if (backing !== '') return encryptionOf(backing, kernel)
  const slaves = join(device, 'slaves')
  const below = existsSync(slaves)
    ? readdirSync(slaves).map((name) => encryptionOfDevice(join(slaves, name), kernel))
    : []
  if (below.length === 0 || below.includes('plain')) return 'plain'
  return below.includes('unknown') ? 'unknown' : 'encrypted'
}

/** `major:minor` of the block device that a folder lies on; undefined where it lies on none, such as in memory. */
function deviceUnder(folder: string, { sys, mountinfo }: Kernel): string | undefined {
  const own = numbers(statSync(folder, { bigint: true }).dev)
  if (existsSync(join(sys, 'dev/block', own))) return own
  // Such as btrfs, whose own number is none of a device: https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html
  const mount = content(mountinfo)
    .split('\n')
    .find((line) => line.split(' ')[2] === own)
  const source = mount?.split(' - ')[1]?.split(' ')[1]
  return source?.startsWith('/dev/') && existsSync(source)
    ? numbers(statSync(source, { bigint: true }).rdev)
    : undefined
}

// As glibc's major() and minor() take a number apart.
function numbers(device: bigint): string {
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xfffff000n)
  const minor = (device & 0xffn) | ((device >> 12n) & 0xffffff00n)
  return `${major}:${minor}`
}

function existing(path: string): string {
  for (let folder = path; ; folder = dirname(folder)) if (existsSync(folder)) return realpathSync(folder)
}

function content(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : ''
}
