import { nicPlaces } from '../../core/nic-names.ts'
import type { TrialMachine } from '../../ports/boots.ts'

const nicDevices: Readonly<Record<string, string>> = { virtio: 'virtio-net-pci' }

// A root port for each NIC: bus N is behind the Nth port. The chipset's slot 1 is the video's.
const firstPortSlot = 2

/** NICs at the places that the domain gives them, each on a network of its own that leads nowhere but to QEMU's DHCP. */
export function nicArguments({ hardware, nics }: TrialMachine): readonly string[] {
  const places = nicPlaces(hardware.machineType, nics)
  return nics.flatMap(({ mac, model }, index) => {
    const place = places?.[index]
    const port = `port${place?.bus}`
    const at =
      place === undefined ? [] : place.bus === 0 ? ['bus=pci.0', `addr=${place.slot}`] : [`bus=${port}`, 'addr=0']
    const ports = place !== undefined && place.bus > 0 ? rootPort(port, index) : []
    const device = [nicDevices[model] ?? model, `netdev=net${index}`, `mac=${mac}`, ...at].join(',')
    return [...ports, '-netdev', `user,id=net${index},restrict=on`, '-device', device]
  })
}

function rootPort(id: string, index: number): readonly string[] {
  const slot = firstPortSlot + Math.floor(index / 8)
  const first = index % 8 === 0 ? ',multifunction=on' : ''
  return ['-device', `pcie-root-port,id=${id},chassis=${index + 1},bus=pcie.0,addr=${slot}.${index % 8}${first}`]
}

/**
 * Disks on their buses, in order. `snapshot=on` has QEMU open the image read-only and write to a file without a name, which
 * is gone with QEMU however it ends.
 */
export function diskArguments({ hardware, disks }: TrialMachine): readonly string[] {
  const counts = { virtio: 0, scsi: 0, sata: 0, ide: 0 }
  const controllers = new Set<string>()
  const devices = disks.flatMap(({ bus, path, format, bootOrder }, index) => {
    const onBus = counts[bus]++
    const { controller, device } = placeOn(bus, onBus, hardware.machineType)
    if (controller !== undefined) controllers.add(controller)
    const file = `file.driver=file,file.filename=${path.replaceAll(',', ',,')}`
    return [
      '-drive',
      `if=none,id=disk${index},snapshot=on,driver=${format},${file}`,
      '-device',
      `${device},drive=disk${index},bootindex=${bootOrder}`,
    ]
  })
  return [...[...controllers].flatMap((controller) => ['-device', controller]), ...devices]
}

function placeOn(
  bus: TrialMachine['disks'][number]['bus'],
  index: number,
  machineType: 'q35' | 'pc',
): { readonly device: string; readonly controller?: string } {
  switch (bus) {
    case 'virtio':
      return { device: 'virtio-blk-pci' }
    case 'scsi':
      return { device: `scsi-hd,bus=scsi.0,lun=${index}`, controller: 'virtio-scsi-pci,id=scsi' }
    case 'ide':
      return { device: `ide-hd,bus=ide.${Math.floor(index / 2)},unit=${index % 2}` }
    case 'sata': {
      const controller = Math.floor(index / 6)
      // The chipset of q35 has the first one, which is called ide.
      if (machineType === 'q35' && controller === 0) return { device: `ide-hd,bus=ide.${index}` }
      const id = `ahci${controller}`
      return { device: `ide-hd,bus=${id}.${index % 6}`, controller: `ich9-ahci,id=${id}` }
    }
  }
}
