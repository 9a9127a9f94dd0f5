import type { TrialMachine } from '../../ports/boots.ts'
import { diskArguments, nicArguments } from './device-arguments.ts'
import type { Firmware } from './firmware.ts'

export interface TrialMeans {
  readonly accelerator: 'kvm' | 'tcg'
  readonly cpus: number
  readonly memoryMib: number
  /** For a machine that boots by UEFI. */
  readonly firmware?: Firmware
  /** Paths of the sockets to control QEMU and to reach the guest's agent. */
  readonly control: string
  readonly agent: string
}

export const emulator = 'qemu-system-x86_64'

/** QEMU's arguments for a trial boot: the serial port on standard output, the rest by sockets. */
export function machineArguments(machine: TrialMachine, means: TrialMeans): readonly string[] {
  const { machineType, secureBoot } = machine.hardware
  const { accelerator, cpus, memoryMib, firmware, control, agent } = means
  return [
    '-nodefaults',
    '-no-user-config',
    ...['-sandbox', 'on,obsolete=deny,elevateprivileges=deny,spawn=deny'],
    ...['-machine', `${machineType},accel=${accelerator}${secureBoot ? ',smm=on' : ''}`],
    ...['-cpu', accelerator === 'kvm' ? 'host' : 'max'],
    ...['-smp', String(cpus), '-m', String(memoryMib)],
    ...['-display', 'none', '-vga', 'std'],
    ...(firmware ? firmwareArguments(firmware, secureBoot) : []),
    ...nicArguments(machine),
    ...diskArguments(machine),
    ...['-chardev', 'stdio,id=serial,signal=off', '-device', 'isa-serial,chardev=serial'],
    ...['-chardev', `socket,id=agent,path=${agent},server=on,wait=off`, '-device', 'virtio-serial-pci,id=channels'],
    ...['-device', 'virtserialport,bus=channels.0,chardev=agent,name=org.qemu.guest_agent.0'],
    ...['-device', 'virtio-rng-pci'],
    ...['-qmp', `unix:${control},server=on,wait=off`],
  ]
}

// Secure boot holds only while nothing but the firmware can write its variables.
function firmwareArguments({ code, variables }: Firmware, secureBoot: boolean): readonly string[] {
  return [
    ...['-drive', `if=pflash,unit=0,format=raw,readonly=on,file=${code}`],
    ...['-drive', `if=pflash,unit=1,format=raw,snapshot=on,file=${variables}`],
    ...(secureBoot ? ['-global', 'driver=cfi.pflash01,property=secure,value=on'] : []),
  ]
}
