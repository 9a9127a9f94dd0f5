import type { DescribedMachine } from './described.ts'
import type { Issue } from './language/check.ts'
import type { Manifest } from './language/manifest.ts'
import type { Hardware } from './machine.ts'

// More take an interrupt controller that has to be asked for.
const maxCpus = 255

/** CPUs, memory and firmware; undefined where nobody says how much of them. */
export function resolveHardware(
  manifest: Manifest,
  described: DescribedMachine | undefined,
  issues: Issue[],
): Hardware | undefined {
  const vm = manifest.vm ?? {}
  const refuse = (code: Issue['code'], key: string, summary: string) =>
    issues.push({ code, path: ['vm', key], summary })
  const cpus = vm.cpu ?? described?.cpu
  const memoryMib = vm.mem_gb === undefined ? described?.memoryMib : Math.round(vm.mem_gb * 1024)
  const firmware = firmwareOf(vm.firmware, described)
  const machineType = vm.machine_type ?? 'q35'
  // A machine that git wants to boot by BIOS has no use for what its source says of UEFI.
  const secureBoot = vm.secureboot ?? (firmware === 'uefi' && described?.secureBoot === true)
  if (cpus === undefined) refuse('KEY_MISSING', 'cpu', 'vm.cpu is missing')
  if (memoryMib === undefined) refuse('KEY_MISSING', 'mem_gb', 'vm.mem_gb is missing')
  if (cpus !== undefined && cpus > maxCpus)
    refuse('NOT_BUILT', 'cpu', `this version has no more than ${maxCpus} CPUs yet`)
  if (secureBoot && firmware !== 'uefi') refuse('VALUE_INVALID', 'secureboot', 'vm.secureboot needs vm.firmware: uefi')
  if (secureBoot && machineType !== 'q35') {
    refuse('VALUE_INVALID', 'machine_type', 'secure boot needs vm.machine_type: q35')
  }
  const { loader, nvram_template: nvramTemplate } = vm
  if (loader !== undefined && firmware !== 'uefi')
    refuse('VALUE_INVALID', 'loader', 'vm.loader needs vm.firmware: uefi')
  if (nvramTemplate !== undefined && loader === undefined) {
    refuse('VALUE_INVALID', 'nvram_template', 'vm.nvram_template needs vm.loader')
  }
  if (cpus === undefined || memoryMib === undefined) return undefined
  return {
    cpus,
    memoryMib,
    firmware,
    secureBoot,
    ...(loader === undefined ? {} : { loader }),
    ...(nvramTemplate === undefined ? {} : { nvramTemplate }),
    tpm: vm.tpm ?? described?.tpm ?? false,
    machineType,
    cpuMode: vm.cpu_mode ?? 'host-passthrough',
    ...(vm.watchdog === undefined ? {} : { watchdog: vm.watchdog }),
    os: [vm.os_hint ?? described?.osId ?? 'unknown', vm.os_version].filter(Boolean).join(' '),
  }
}

function firmwareOf(written: 'bios' | 'uefi' | 'unknown' | undefined, described: DescribedMachine | undefined) {
  return written === undefined || written === 'unknown' ? (described?.firmware ?? 'bios') : written
}
