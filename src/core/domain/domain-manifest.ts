import { importedManifest } from '../described-manifest.ts'
import { check } from '../language/check.ts'
import { type Manifest, type ManifestDisk, manifestSchema } from '../language/manifest.ts'
import { osFamily } from '../os-family.ts'
import { printable } from '../printable.ts'
import { ProblemError } from '../problem.ts'
import { formatCount } from '../units.ts'
import type { DescribedDomain } from './described-domain.ts'
import { machineTypeOf } from './importable.ts'
import { importedFirmware } from './imported-firmware.ts'
import { importedNics } from './imported-nics.ts'
import { type ImportedSystem, importedSystem } from './imported-system.ts'
import { isTold } from './own-devices.ts'

/** What an import of a domain knows besides it. */
export interface DomainChoices {
  readonly name: string
  /** The connection of the workspace that it is at, where it is to stay known. */
  readonly connection?: string | undefined
  /** Source network: bridge. */
  readonly bridges: Readonly<Record<string, string>>
  readonly notes: readonly string[]
  readonly warnings: readonly string[]
}

const leastMemoryMib = 64

/**
 * The manifest of a domain, its disks given as they were found.
 * @throws ProblemError DOMAIN_UNSUPPORTED when a manifest cannot say what the domain says
 */
export function domainManifest(
  domain: DescribedDomain,
  disks: readonly ManifestDisk[],
  { name, connection, bridges, notes, warnings: found }: DomainChoices,
  file: string,
): Manifest {
  const warnings = [...found]
  const vm = vmOf(domain, warnings)
  const { nics, networks } = importedNics(domain, bridges, warnings)
  warnings.push(...differences(domain))
  if (disks.length === 0) warnings.push('the machine has no disk: h2k plan refuses it until disks has one')
  const manifest = importedManifest({
    source: {
      provider: 'libvirt',
      ...(connection === undefined ? {} : { connection }),
      vm_name: name,
      ...(domain.uuid === undefined ? {} : { vm_id: domain.uuid }),
    },
    vm,
    disks,
    nics,
    networks: { ...networks },
    warnings,
    notes: [...versions(domain), ...notes],
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
  const { cpus, maximumCpus, memoryBytes, currentMemoryBytes, tpm, cpuMode, cpuModel } = domain
  const machineType = machineTypeOf(domain)
  const mode = modes.find((each) => each === cpuMode)
  if (maximumCpus > cpus) warnings.push(`vm.cpu: it has ${cpus} CPUs now and up to ${maximumCpus} when asked`)
  if (currentMemoryBytes !== undefined) {
    warnings.push(
      `vm.mem_gb: it gets ${currentMemoryBytes / 2 ** 20} MiB now and has ${memoryBytes / 2 ** 20} MiB at most`,
    )
  }
  const memoryMib = Math.max(Math.ceil(memoryBytes / 2 ** 20), leastMemoryMib)
  if (memoryMib * 2 ** 20 !== memoryBytes) {
    warnings.push(`vm.mem_gb: it has ${memoryBytes} bytes; here it gets ${memoryMib} MiB`)
  }
  if (cpuMode !== undefined && mode === undefined) {
    warnings.push(`vm.cpu_mode: the model ${printable(cpuModel ?? cpuMode)} becomes host-passthrough`)
  }
  if (tpm && tpm.backend !== 'emulator') {
    warnings.push(`vm.tpm: the TPM (${printable(tpm.backend)}) becomes an emulated one; what it keeps stays behind`)
  } else if (tpm) warnings.push('vm.tpm: the new TPM is empty; have the recovery keys of encrypted disks ready')
  const system = importedSystem(domain, warnings)
  warnings.push(...clockDifference(domain, system))
  return {
    cpu: cpus,
    mem_gb: memoryMib / 1024,
    ...importedFirmware(domain, warnings),
    ...(tpm ? { tpm: true } : {}),
    ...(machineType === 'q35' || machineType === 'pc' ? { machine_type: machineType } : {}),
    ...(mode === undefined ? {} : { cpu_mode: mode }),
    ...watchdogOf(domain, warnings),
    ...system,
  }
}

// A domain that is defined anew has what its host's QEMU has now.
function versions(domain: DescribedDomain): readonly string[] {
  const { machineType, arch } = domain
  const type = machineTypeOf(domain)
  const known = machineType !== undefined && (type === 'q35' || type === 'pc') && machineType !== type
  return [
    ...(known ? [`vm.machine_type: ${printable(machineType)} becomes the newest ${type} that its host has`] : []),
    ...(arch === 'i686' ? ['the processor i686 becomes x86_64, which runs what it runs'] : []),
  ]
}

// What domain XML has for it goes by the system.
function clockDifference({ clockOffset = 'utc' }: DescribedDomain, { os_hint: os }: ImportedSystem): readonly string[] {
  const here = os !== undefined && osFamily(os) === 'windows' ? 'localtime' : 'utc'
  return clockOffset === here ? [] : [`its clock is set to ${printable(clockOffset)}; here to ${here}`]
}

function watchdogOf({ watchdog }: DescribedDomain, warnings: string[]): Pick<NonNullable<Manifest['vm']>, 'watchdog'> {
  if (!watchdog) return {}
  const { model = 'i6300esb', action } = watchdog
  const known = actions.find((each) => each === action)
  if (known === undefined) {
    warnings.push(`vm.watchdog: a watchdog that does ${printable(action)} is not taken over`)
    return {}
  }
  if (model !== 'i6300esb') warnings.push(`vm.watchdog: the model ${printable(model)} becomes i6300esb`)
  return { watchdog: known }
}

const actions = ['reset', 'shutdown', 'poweroff', 'pause', 'none', 'inject-nmi'] as const
const modes = ['host-passthrough', 'host-model', 'maximum'] as const

function differences({
  devices,
  disks,
  interfaces,
  kernel,
  bootDevices,
  extraArguments,
  launchSecurity,
}: DescribedDomain): readonly string[] {
  const counts = Map.groupBy(
    devices.filter(({ kind }) => !isTold(kind)),
    ({ kind }) => kind,
  )
  const left = [...counts].map(([kind, those]) =>
    formatCount(those.length, kind === 'memory' ? 'memory module' : printable(kind)),
  )
  const [first] = bootDevices
  const firstDisk = Math.min(...disks.map(({ bootOrder = Number.POSITIVE_INFINITY }) => bootOrder))
  const nic = interfaces.findIndex(({ bootOrder }) => bootOrder !== undefined && bootOrder < firstDisk)
  return [
    ...(left.length > 0 ? [`devices that are not taken over: ${left.join(', ')}`] : []),
    ...(kernel === undefined ? [] : [`it boots ${printable(kernel)} of its host; here it boots from its disks`]),
    ...(first === undefined || first === 'hd' ? [] : [`it boots from ${printable(first)} first; here from its disks`]),
    ...(nic < 0 ? [] : [`it boots from nic${nic} first; here from its disks`]),
    ...(launchSecurity === undefined ? [] : [`its memory is no longer protected by ${printable(launchSecurity)}`]),
    ...(extraArguments ? ['it gives QEMU arguments of its own, which are not taken over'] : []),
  ]
}
