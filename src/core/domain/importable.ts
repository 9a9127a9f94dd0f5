import { printable } from '../printable.ts'
import type { Problem } from '../problem.ts'
import type { DescribedDomain } from './described-domain.ts'

/** Finds on what an import cannot take over, each with its line. */
export interface Refusals {
  add(line: number, summary: string, hint: string): void
}

/** Collects them as problems of `file`. */
export function refusalsOf(file: string, problems: Problem[]): Refusals {
  return {
    add(line, summary, hint) {
      problems.push({ severity: 'error', code: 'DOMAIN_UNSUPPORTED', summary, hint, at: { file, line } })
    },
  }
}

/** Refuses what is no PC with hardware of its own: nothing that h2k writes could run it. */
export function refuseOtherMachines({ osType, arch, line, ...domain }: DescribedDomain, refusals: Refusals): void {
  if (osType !== 'hvm') {
    const what = osType === 'exe' ? 'a container' : `paravirtual (<type>${printable(osType)}</type>)`
    refusals.add(line, `the domain is ${what}, not a whole machine`, 'only machines of type hvm can be imported')
  }
  const foreign = arch !== undefined && arch !== 'x86_64' && arch !== 'i686'
  if (foreign) {
    const summary = `the domain is for ${printable(arch)}: this version makes x86_64 machines only`
    refusals.add(line, summary, 'leave it where it is')
  }
  if (osType === 'hvm' && !foreign && machineTypeOf(domain) === 'other') {
    const summary = `the domain is a machine of type ${printable(domain.machineType ?? '')}: this version knows q35 and pc`
    refusals.add(line, summary, 'give the source machine type pc or q35 first, or leave it where it is')
  }
}

/** Which of the two PCs a domain is; undefined when it is that of another hypervisor. */
export function machineTypeOf({
  type,
  machineType,
}: Pick<DescribedDomain, 'type' | 'machineType'>): 'q35' | 'pc' | 'other' | undefined {
  // Without one, libvirt takes QEMU's own default.
  if (machineType === undefined) return /^(?:kvm|qemu|hvf|xen)$/.test(type) ? 'pc' : undefined
  if (/^(?:pc-)?q35/.test(machineType)) return 'q35'
  return /^(?:pc|pc-i440fx.*|pc-[0-9].*|rhel[0-9].*|xenfv.*)$/.test(machineType) ? 'pc' : 'other'
}
