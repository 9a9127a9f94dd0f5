import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findFirmware } from '../../../src/adapters/boot/firmware.ts'
import { machineArguments } from '../../../src/adapters/boot/machine-arguments.ts'
import type { TrialMachine } from '../../../src/ports/boots.ts'
import { temporaryFolder } from '../../support/machines.ts'

const machine: TrialMachine = {
  hardware: { cpus: 2, memoryMib: 1024, firmware: 'bios', secureBoot: false, tpm: false, machineType: 'q35' },
  disks: [
    { id: 'a', bus: 'virtio', bootOrder: 2, path: '/vms/a,if=none.qcow2', format: 'qcow2' },
    { id: 'b', bus: 'sata', bootOrder: 1, path: '/vms/b.raw', format: 'raw' },
  ],
  nics: [
    { mac: '00:50:56:aa:00:01', model: 'virtio' },
    { mac: '00:50:56:aa:00:02', model: 'e1000e' },
  ],
}
const means = { accelerator: 'tcg', cpus: 2, memoryMib: 1024, control: '/t/control', agent: '/t/agent' } as const

const devices = (args: readonly string[]) => args.filter((_, index) => args[index - 1] === '-device')

describe('the arguments of a trial', () => {
  test('put each NIC at its place, on a network of its own that leads nowhere', () => {
    const args = machineArguments(machine, means)
    expect(args.filter((_, index) => args[index - 1] === '-netdev')).toEqual([
      'user,id=net0,restrict=on',
      'user,id=net1,restrict=on',
    ])
    expect(devices(args).slice(0, 4)).toEqual([
      'pcie-root-port,id=port1,chassis=1,bus=pcie.0,addr=2.0,multifunction=on',
      'virtio-net-pci,netdev=net0,mac=00:50:56:aa:00:01,bus=port1,addr=0',
      'pcie-root-port,id=port2,chassis=2,bus=pcie.0,addr=2.1',
      'e1000e,netdev=net1,mac=00:50:56:aa:00:02,bus=port2,addr=0',
    ])
    const pc = machineArguments({ ...machine, hardware: { ...machine.hardware, machineType: 'pc' } }, means)
    expect(devices(pc)[1]).toBe('e1000e,netdev=net1,mac=00:50:56:aa:00:02,bus=pci.0,addr=4')
  })

  test('open each disk under an overlay, by format and driver, whatever its name is', () => {
    const drives = machineArguments(machine, means).filter((argument) => argument.startsWith('if=none'))
    expect(drives).toEqual([
      'if=none,id=disk0,snapshot=on,driver=qcow2,file.driver=file,file.filename=/vms/a,,if=none.qcow2',
      'if=none,id=disk1,snapshot=on,driver=raw,file.driver=file,file.filename=/vms/b.raw',
    ])
  })
})

describe('firmware', () => {
  const folder = () => {
    const path = temporaryFolder()
    const write = (name: string, machines: string, features: readonly string[]) => {
      const flash = (file: string) => ({ filename: `/fw/${file}`, format: 'raw' })
      const mapping = { device: 'flash', executable: flash(name), 'nvram-template': flash(`${name}.vars`) }
      const targets = [{ architecture: 'x86_64', machines: [machines] }]
      writeFileSync(
        join(path, name),
        JSON.stringify({ 'interface-types': ['uefi'], mapping, targets, features, tags: [] }),
      )
    }
    write('10-secure.json', 'pc-q35-*', ['secure-boot', 'enrolled-keys', 'requires-smm'])
    write('20-no-keys.json', 'pc-q35-*', ['secure-boot', 'requires-smm'])
    write('30-plain.json', 'pc-i440fx-*', [])
    write('40-plain.json', 'pc-q35-*', ['acpi-s3'])
    writeFileSync(join(path, '05-broken.json'), '{')
    return path
  }

  test.each([
    ['q35', true, '10-secure.json'],
    ['q35', false, '40-plain.json'],
    ['pc', false, '30-plain.json'],
  ] as const)('for %s with secure boot %s is %s', (machineType, secureBoot, name) => {
    const found = findFirmware({ machineType, secureBoot }, [folder()])
    expect(found).toEqual({ code: `/fw/${name}`, variables: `/fw/${name}.vars` })
  })

  test('an empty file of the administrator turns one off, and nothing left is told', () => {
    const own = temporaryFolder()
    for (const name of ['10-secure.json', '40-plain.json']) writeFileSync(join(own, name), '')
    expect(() => findFirmware({ machineType: 'q35', secureBoot: true }, [folder(), own])).toThrow('with secure boot')
  })
})
