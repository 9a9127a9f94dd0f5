import { type Problem, ProblemError, problem } from '../../core/problem.ts'
import type { CheckedDisks, PublishDomain } from '../../ports/target.ts'
import { capabilitiesOf, domainTypeOf } from './capabilities.ts'
import { linesOf, type Virsh } from './virsh.ts'

/**
 * Whether the host can give the machine what it wants; settles with what was found, in words.
 * @throws ProblemError TARGET_UNFIT with everything that it cannot
 */
export async function checkHost(
  virsh: Virsh,
  { hardware, nics, libvirt }: PublishDomain,
  { compression }: CheckedDisks,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const has = await domainTypeOf(virsh, signal)
  const type = libvirt.domainType ?? has
  if (type === 'kvm' && has === 'qemu') {
    throw problem('TARGET_UNFIT', `${virsh.uri} has no KVM`, { hint: 'remove domain_type from the connection' })
  }
  const can = await capabilitiesOf(virsh, type, hardware.machineType, signal)
  const problems: Problem[] = []
  const libvirtChooses = hardware.loader === undefined
  const refuse = (summary: string, hint: string) =>
    problems.push({ severity: 'error', code: 'TARGET_UNFIT', summary: `${virsh.uri} ${summary}`, hint })
  if (libvirtChooses && hardware.firmware === 'uefi' && !can.uefi)
    refuse('has no UEFI firmware', 'on it: apt-get install ovmf')
  if (libvirtChooses && hardware.secureBoot && !can.secureBoot)
    refuse('has no UEFI with secure boot', 'on it: apt-get install ovmf')
  if (hardware.tpm && !can.tpm) refuse('has no emulated TPM', 'on it: apt-get install swtpm swtpm-tools')
  if (compression === 'zstd') {
    const qemu = await qemuVersion(virsh, signal)
    if (qemu && !readsZstd(qemu)) {
      refuse(`runs QEMU ${qemu.join('.')}, which reads no zstd`, 'set pipeline.convert.compression: zlib')
    }
  }
  const networks = new Set(nics.flatMap(({ attach }) => (attach.kind === 'network' ? [attach.name] : [])))
  const known = networks.size === 0 ? [] : linesOf(await virsh.run(['net-list', '--all', '--name'], signal))
  const names = known.map((name) => name.trim())
  for (const network of networks) {
    if (names.includes(network)) continue
    refuse(`has no network "${network}"`, `it has: ${names.join(', ') || 'none'}; network_mapping can name a bridge`)
  }
  if (problems.length > 0) throw new ProblemError(problems)
  return [`${virsh.uri}: ${type}, ${hardware.firmware}${hardware.secureBoot ? ' with secure boot' : ''}`]
}

/** Undefined where its machines run by something else. */
async function qemuVersion(virsh: Virsh, signal: AbortSignal): Promise<readonly number[] | undefined> {
  const said = await virsh.run(['version'], signal)
  return /hypervisor: QEMU (\d+)\.(\d+)\.(\d+)/i.exec(said)?.slice(1).map(Number)
}

/** QEMU 5.1 is the first that does. */
function readsZstd([major = 0, minor = 0]: readonly number[]): boolean {
  return major > 5 || (major === 5 && minor >= 1)
}
