import { describe, expect, it } from 'vitest'
import type { DescribedMachine } from '../../src/core/described.ts'
import { described, local, machineOf, ova, resolve } from './machines.ts'

const hardware = (vm: string, source: Partial<DescribedMachine> = {}) =>
  machineOf(`${ova}${vm && `vm: ${vm}\n`}`, { ...described, ...source }).hardware
const issues = (vm: string, source: Partial<DescribedMachine> = {}) =>
  resolve(`${ova}vm: ${vm}\n`, { ...described, ...source }).issues

describe('git wins over the source', () => {
  const efi = { firmware: 'uefi', secureBoot: true, tpm: true } as const
  it.each([
    ['CPUs', '{cpu: 8}', {}, { cpus: 8, memoryMib: 2048 }],
    ['memory', '{mem_gb: 0.5}', {}, { cpus: 2, memoryMib: 512 }],
    ['memory in parts of a MiB', '{mem_gb: 1.0001}', {}, { memoryMib: 1024 }],
    ['firmware', '{firmware: uefi}', {}, { firmware: 'uefi', secureBoot: false }],
    [
      'BIOS for what was UEFI, with all that hangs on it',
      '{firmware: bios}',
      efi,
      { firmware: 'bios', secureBoot: false, tpm: true },
    ],
    ['secure boot', '{secureboot: false}', efi, { firmware: 'uefi', secureBoot: false }],
    ['TPM', '{tpm: false}', efi, { tpm: false, secureBoot: true }],
    ['system', '{os_hint: windows, os_version: "2019"}', {}, { os: 'windows 2019' }],
  ])('%s', (_name, vm, source, expected) => {
    expect(hardware(vm, source)).toMatchObject(expected)
  })

  it.each([
    ['UEFI, secure boot and TPM come along', '', efi, { firmware: 'uefi', secureBoot: true, tpm: true }],
    ['unknown firmware is what the source says', '{firmware: unknown}', efi, { firmware: 'uefi', secureBoot: true }],
    ['a version of its system', '{os_version: "12"}', {}, { os: 'debian12_64Guest 12' }],
  ])('%s', (_name, vm, source, expected) => {
    expect(hardware(vm, source)).toMatchObject(expected)
  })

  it.each([
    ['unknown firmware', '{firmware: unknown}', { firmware: 'bios' }],
    ['no firmware', '', { firmware: 'bios', secureBoot: false }],
    ['no system', '', { os: 'unknown' }],
  ])('a source that says nothing: %s', (_name, vm, expected) => {
    const { cpu, memoryMib, disks, nics, warnings } = described
    expect(
      machineOf(`${ova}${vm && `vm: ${vm}\n`}`, { cpu: cpu ?? 1, memoryMib: memoryMib ?? 1, disks, nics, warnings })
        .hardware,
    ).toMatchObject(expected)
  })
})

it('has defaults for what nobody says', () => {
  expect(machineOf(local).hardware).toEqual({
    cpus: 1,
    memoryMib: 1024,
    firmware: 'bios',
    secureBoot: false,
    tpm: false,
    machineType: 'q35',
    cpuMode: 'host-passthrough',
    os: 'unknown',
  })
})

it('wants CPUs and memory of bare images', () => {
  expect(resolve(local.replace('vm: {cpu: 1, mem_gb: 1}\n', '')).issues).toEqual([
    'KEY_MISSING vm.cpu: vm.cpu is missing',
    'KEY_MISSING vm.mem_gb: vm.mem_gb is missing',
  ])
})

it.each([
  ['a UEFI loader of a BIOS', '{loader: /f/code.fd}', {}, 'VALUE_INVALID vm.loader: vm.loader needs vm.firmware: uefi'],
  [
    'a template without its loader',
    '{firmware: uefi, nvram_template: /f/vars.fd}',
    {},
    'VALUE_INVALID vm.nvram_template: vm.nvram_template needs vm.loader',
  ],
  [
    'secure boot of a BIOS',
    '{secureboot: true}',
    {},
    'VALUE_INVALID vm.secureboot: vm.secureboot needs vm.firmware: uefi',
  ],
  [
    'secure boot of an old PC',
    '{firmware: uefi, secureboot: true, machine_type: pc}',
    {},
    'VALUE_INVALID vm.machine_type: secure boot needs vm.machine_type: q35',
  ],
  [
    'secure boot of the source on an old PC',
    '{machine_type: pc}',
    { firmware: 'uefi', secureBoot: true } as const,
    'VALUE_INVALID vm.machine_type: secure boot needs vm.machine_type: q35',
  ],
  [
    'more CPUs than libvirt takes as they are',
    '{cpu: 256}',
    {},
    'NOT_BUILT vm.cpu: this version has no more than 255 CPUs yet',
  ],
])('refuses %s', (_name, vm, source, issue) => {
  expect(issues(vm, source)).toEqual([issue])
})
