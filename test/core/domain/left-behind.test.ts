import { describe, expect, it } from 'vitest'
import { domainWith, importedFrom } from './imported.ts'

const notesOf = (parts: Parameters<typeof domainWith>[0], skipped: readonly string[] = []) =>
  importedFrom(domainWith(parts), { skipped }).manifest.notes ?? []
const disk = (inside: string) =>
  `<disk><driver name="qemu" type="raw"/><source file="/a"/><target dev="vda" bus="virtio"/>${inside}</disk>`

it('a domain as libvirt fills it in leaves nothing behind', () => {
  const rest = `<uuid>11111111-2222-3333-4444-555555555555</uuid><on_poweroff>destroy</on_poweroff><on_reboot>restart</on_reboot>
    <on_crash>destroy</on_crash><features><acpi/><apic/></features><seclabel type="dynamic" model="apparmor" relabel="yes"/>
    <cpu mode="host-passthrough" check="none" migratable="on"/><resource><partition>/machine</partition></resource>
    <clock offset="utc"><timer name="rtc" tickpolicy="catchup"/><timer name="hpet" present="no"/></clock>`
  const devices = `<emulator>/usr/bin/qemu</emulator>${disk('<alias name="virtio-disk0"/><address type="pci" slot="0x04"/>')}
    <controller type="pci" index="1" model="pcie-root-port"><model name="pcie-root-port"/><target chassis="1" port="0x10"/></controller>
    <interface type="network"><mac address="52:54:00:00:00:01"/><source network="default"/><model type="virtio"/></interface>
    <serial type="pty"><target type="isa-serial" port="0"/></serial><console type="pty"><target type="serial" port="0"/></console>
    <channel type="unix"><target type="virtio" name="org.qemu.guest_agent.0"/></channel><input type="tablet" bus="usb"/>
    <input type="mouse" bus="ps2"/><graphics type="vnc" port="-1" autoport="yes" listen="127.0.0.1"/><audio id="1" type="none"/>
    <video><model type="vga"/></video><memballoon model="virtio"/><rng model="virtio"><backend model="random">/dev/urandom</backend></rng>`
  expect(notesOf({ rest, devices })).toEqual([])
})

describe('what it has besides is named', () => {
  it.each([
    ['<cputune><shares>9</shares></cputune><memoryBacking><hugepages/></memoryBacking>', 'cputune, memoryBacking'],
    ['<cpu mode="host-model"><topology sockets="1"/><feature name="vmx"/></cpu>', 'cpu topology, cpu feature'],
    ['<features><acpi/><kvm><hidden state="on"/></kvm><apic eoi="on"/></features>', 'features kvm, features apic eoi'],
    ['<clock offset="utc"><timer name="tsc" mode="native"/></clock>', 'clock timer'],
    ['<on_crash>coredump-restart</on_crash><sysinfo type="smbios"/>', 'on_crash, sysinfo'],
    ['<metadata><nova:instance xmlns:nova="urn:nova"/></metadata>', 'metadata instance'],
    ['<what:ever xmlns:what="urn:x"/>', 'ever'],
  ])('of the domain: %s', (rest, names) => {
    expect(notesOf({ rest })).toEqual([`not taken over: ${names}`])
  })

  it.each([
    [disk('<geometry cyls="1" heads="2" secs="3"/>'), 'disk vda: not taken over: geometry'],
    [disk('<iotune><read_iops_sec>9</read_iops_sec></iotune>'), 'disk vda: not taken over: iotune read_iops_sec'],
    [disk('<driver iothread="1"/>'), 'disk vda: not taken over: driver iothread'],
    ['<interface type="network"><source network="a"/><mtu size="9000"/></interface>', 'nic0: not taken over: mtu'],
    [
      '<tpm model="tpm-tis"><backend type="emulator" version="1.2"/></tpm>',
      'vm.tpm: not taken over: model, backend version',
    ],
    [
      '<controller type="scsi" model="virtio-scsi"><driver queues="4"/></controller>',
      'not taken over: controller scsi driver',
    ],
    [
      '<sound model="ich9"/><redirdev type="spicevmc"/><redirdev type="spicevmc"/>',
      'left out: sound ich9, redirdev spicevmc (2)',
    ],
    ['<channel type="spicevmc"><target name="com.redhat.spice.0"/></channel>', 'left out: channel com.redhat.spice.0'],
    ['<serial type="pty"/><serial type="tcp"/>', 'left out: serial tcp'],
    [
      '<graphics type="spice" listen="0.0.0.0"/><video><model type="qxl"/></video>',
      'made anew: graphics spice on its own address becomes vnc, video qxl becomes vga',
    ],
  ])('of its devices: %s', (devices, note) => {
    expect(notesOf({ devices })).toEqual([note])
  })

  it('but of what is left out as a whole', () => {
    expect(notesOf({ devices: disk('<geometry cyls="1"/>') }, ['vda'])).toEqual([
      'disk vda was left out by --skip-disk (/a)',
    ])
  })
})
