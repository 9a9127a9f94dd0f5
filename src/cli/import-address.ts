import { extname } from 'node:path'
import type { DescribedMachine } from '../core/described.ts'
import { problem } from '../core/problem.ts'
import { addressFault } from '../core/source-address.ts'
import { connectWeb } from './wiring.ts'

/**
 * Describes a machine on a web server, which is asked as the workspace in `folder` says.
 * @param address in its one spelling
 * @throws ProblemError USAGE for an address that a manifest cannot name; NOT_BUILT, SOURCE_…, OVF_…
 */
export async function describeAddress(
  address: string,
  provider: 'local' | 'ova' | 'ovf',
  folder: string,
  signal: AbortSignal,
): Promise<DescribedMachine> {
  const fault = addressFault(address)
  if (fault) throw problem('USAGE', fault.summary, fault.hint === undefined ? {} : { hint: fault.hint })
  const { archives, forecast } = connectWeb(folder)
  if (provider !== 'local') return (await archives[provider](address, signal)).machine
  const name = address.slice(address.lastIndexOf('/') + 1)
  const unknown = (what: string) =>
    problem('NOT_BUILT', `${name} ${what}: its size is not found out from afar`, {
      hint: 'write its manifest by hand, with bytes as qemu-img info shows it, or download it',
    })
  if (extname(name).toLowerCase() !== '.vmdk') throw unknown('is no OVA, OVF or VMDK')
  const found = await forecast(address, 'vmdk', signal)
  if (!('virtualBytes' in found)) throw unknown('is no streamOptimized VMDK')
  const disk = { id: 'boot', file: address, virtualBytes: found.virtualBytes, format: 'vmdk', bus: 'scsi' } as const
  return { disks: [disk], nics: [], warnings: [] }
}
