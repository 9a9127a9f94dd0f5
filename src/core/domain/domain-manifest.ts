import { importedManifest } from '../described-manifest.ts'
import { check } from '../language/check.ts'
import { type Manifest, type ManifestDisk, manifestSchema } from '../language/manifest.ts'
import { printable } from '../printable.ts'
import { ProblemError } from '../problem.ts'
import { formatCount } from '../units.ts'
import type { DescribedDomain } from './described-domain.ts'
import { machineTypeOf } from './importable.ts'
import { importedNics } from './imported-nics.ts'
import { importedSystem } from './imported-system.ts'

/** What an import of a domain knows besides it. */
export interface DomainChoices {
  readonly name: string
  /** Source network: bridge. */
  readonly bridges: Readonly<Record<string, string>>
  readonly notes: readonly string[]
  readonly warnings: readonly string[]
}

const leastMemoryBytes = 64 * 2 ** 20

/**
 * The manifest of a domain, its disks given as they were found.
 * @throws ProblemError DOMAIN_UNSUPPORTED when a manifest cannot say what the domain says
 */
export function domainManifest(
  domain: DescribedDomain,
  disks: readonly ManifestDisk[],
  { name, bridges, notes, warnings: found }: DomainChoices,
  file: string,
): Manifest {
  const warnings = [...found]
  const vm = vmOf(domain, warnings)
  const { nics, networks } = importedNics(domain.interfaces, bridges, warnings)
  warnings.push(...differences(domain))
  if (disks.length === 0) warnings.push('the machine has no disk: h2k plan refuses it until disks has one')
  const manifest = importedManifest({
    source: { provider: 'libvirt', vm_name: name, ...(domain.uuid === undefined ? {} : { vm_id: domain.uuid }) },
    vm,
    disks,
    nics,
    networks: { ...networks },
    warnings,
    notes,
  })
  const checked = check(manifestSchema, manifest)
  if (!checked.issues) return manifest
  throw new ProblemError(
    checked.issues.map(({ summary }) => {
      const at = { file, line: domain.line }
      return { severity: 'error', code: 'DOMAIN_UNSUPPORTED', summary: `no manifest can say it: ${summary}`, at }
    }),
  )
}

function vmOf(domain: DescribedDomain, warnings: string[]): NonNullable<Manifest['vm']> {
  const { cpus, maximumCpus, memoryBytes, currentMemoryBytes, firmware, tpm, cpuMode, cpuModel } = domain
  const machineType = machineTypeOf(domain)
  const mode = modes.find((each) => each === cpuMode)
  if (maximumCpus > cpus) warnings.push(`vm.cpu: it has ${cpus} CPUs now and up to ${maximumCpus} when asked`)
  if (currentMemoryBytes !== undefined) {
    warnings.push(
      `vm.mem_gb: it gets ${currentMemoryBytes / 2 ** 20} MiB now and has ${memoryBytes / 2 ** 20} MiB at most`,
    )
  }
  if (memoryBytes < leastMemoryBytes) warnings.push(`vm.mem_gb: it has ${memoryBytes} bytes; here it gets 64 MiB`)
  if (cpuMode !== undefined && mode === undefined) {
    warnings.push(`vm.cpu_mode: the model ${printable(cpuModel ?? cpuMode)} becomes host-passthrough`)
  }
  if (tpm && tpm.backend !== 'emulator') {
    warnings.push(`vm.tpm: a ${printable(tpm.backend)} TPM becomes an emulated one; what it keeps stays behind`)
  } else if (tpm) warnings.push('vm.tpm: the new TPM is empty; have the recovery keys of encrypted disks ready')
  if (firmware.withoutKeys) warnings.push('vm.secureboot: its firmware has no keys enrolled, so it is off')
  if (firmware.nvram !== undefined) {
    warnings.push(`the UEFI variables in ${printable(firmware.nvram)}, such as boot entries, are not taken over`)
  }
  return {
    cpu: cpus,
    mem_gb: Math.max(memoryBytes, leastMemoryBytes) / 2 ** 30,
    firmware: firmware.kind,
    ...(firmware.secureBoot ? { secureboot: true } : {}),
    ...(tpm ? { tpm: true } : {}),
    ...(machineType === 'q35' || machineType === 'pc' ? { machine_type: machineType } : {}),
    ...(mode === undefined ? {} : { cpu_mode: mode }),
    ...importedSystem(domain, warnings),
  }
}

const modes = ['host-passthrough', 'host-model', 'maximum'] as const

// What every machine gets anew, or does without unnoticed.
const ordinary = new Set(
  'input graphics video audio sound serial console channel memballoon rng hub panic watchdog emulator parallel'.split(
    ' ',
  ),
)

function differences({
  devices,
  kernel,
  bootDevices,
  extraArguments,
  launchSecurity,
}: DescribedDomain): readonly string[] {
  const counts = Map.groupBy(
    devices.filter(({ kind }) => !ordinary.has(kind)),
    ({ kind }) => kind,
  )
  const left = [...counts].map(([kind, those]) => formatCount(those.length, printable(kind)))
  const [first] = bootDevices
  return [
    ...(left.length > 0 ? [`devices that are not taken over: ${left.join(', ')}`] : []),
    ...(kernel === undefined ? [] : [`it boots ${printable(kernel)} of its host; here it boots from its disks`]),
    ...(first === undefined || first === 'hd' ? [] : [`it boots from ${printable(first)} first; here from its disks`]),
    ...(launchSecurity === undefined ? [] : [`its memory is no longer protected by ${printable(launchSecurity)}`]),
    ...(extraArguments ? ['it gives QEMU arguments of its own, which are not taken over'] : []),
  ]
}
