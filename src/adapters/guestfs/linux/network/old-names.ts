import { loaderFiles } from '../boot/loader-files.ts'
import type { Guest } from '../repair.ts'
import { configuredNames, type NetworkFile } from './network-files.ts'

/**
 * Whether the guest calls its NICs `eth0`, `eth1` … in their order. What it calls them in its files says so best; else
 * whether naming by place is switched off, or not known to its distribution.
 */
export async function usesOldNames(guest: Guest, files: readonly NetworkFile[]): Promise<boolean> {
  const names = configuredNames(files)
  if (names.length > 0) return names.every((name) => name.startsWith('eth'))
  const loader = await loaderFiles(guest.tree)
  if (loader.some(({ content }) => /\bnet\.ifnames=0\b/.test(content))) return true
  const { distribution, version } = guest.inspection
  const major = Number.parseInt(version, 10)
  if (/^(?:alpine|sles|opensuse|photon)/.test(distribution)) return true
  if (/^(?:rhel|centos|ol|oracle|scientific)/.test(distribution)) return major < 7
  if (distribution === 'debian') return major < 9
  return distribution === 'ubuntu' && major < 16
}
