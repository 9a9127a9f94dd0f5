import { type DomainDisk, diskNodes } from './domain-disks.ts'
import { nicNodes } from './domain-nics.ts'
import type { Hardware, Nic } from './machine.ts'
import type { XmlNode } from './xml-node.ts'

interface Devices {
  readonly hardware: Hardware
  readonly disks: readonly DomainDisk[]
  readonly nics: readonly Nic[]
}

/** What is in `<devices>`: the machine's own, and what every guest on KVM is better off with. */
export function deviceNodes({ disks, nics, hardware }: Devices): XmlNode {
  const node: XmlNode = {
    disk: diskNodes(disks),
    interface: nicNodes(nics, hardware.machineType),
    serial: { '@type': 'pty', target: { '@type': 'isa-serial', '@port': 0 } },
    console: { '@type': 'pty', target: { '@type': 'serial', '@port': 0 } },
    channel: { '@type': 'unix', target: { '@type': 'virtio', '@name': 'org.qemu.guest_agent.0' } },
    // Without it a viewer's pointer and the guest's drift apart.
    input: { '@type': 'tablet', '@bus': 'usb' },
    graphics: { '@type': 'vnc', '@autoport': 'yes', '@listen': '127.0.0.1' },
    // Every firmware and guest has a driver for it.
    video: { model: { '@type': 'vga' } },
    memballoon: { '@model': 'virtio' },
    rng: { '@model': 'virtio', backend: { '@model': 'random', '#text': '/dev/urandom' } },
  }
  if (disks.some((disk) => disk.bus === 'scsi')) {
    node.controller = { '@type': 'scsi', '@index': 0, '@model': 'virtio-scsi' }
  }
  if (hardware.tpm) node.tpm = { '@model': 'tpm-crb', backend: { '@type': 'emulator', '@version': '2.0' } }
  if (hardware.watchdog) node.watchdog = { '@model': 'i6300esb', '@action': hardware.watchdog }
  return node
}
