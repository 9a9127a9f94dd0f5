import type { Devices } from './devices.ts'

type Known = Pick<Devices, 'disks' | 'filesystems' | 'luks' | 'partitions'>

/**
 * The device that a line of fstab or crypttab means (fstab(5)), named as the appliance has it; undefined where these disks
 * have none. `crypttab` gives the devices behind the names that the guest opens them under.
 */
export function deviceOf(
  spec: string,
  known: Known,
  crypttab: readonly { readonly name: string; readonly device: string }[] = [],
): string | undefined {
  const [, tag, quoted] = spec.match(/^(UUID|LABEL|PARTUUID|PARTLABEL)=(.*)$/) ?? []
  if (tag !== undefined && quoted !== undefined) return byTag(tag, quoted.replace(/^"(.*)"$/, '$1'), known)
  const [, link, name] = spec.match(/^\/dev\/disk\/by-(uuid|label|partuuid|partlabel)\/(.*)$/) ?? []
  if (link !== undefined && name !== undefined) return byTag(link.toUpperCase(), unescapedUdev(name), known)
  const path = spec.match(/^\/dev\/disk\/by-path\/(.*)$/)?.[1]
  if (path !== undefined) return byPath(path, known)
  const mapped = spec.match(/^\/dev\/mapper\/(.*)$/)?.[1]
  if (mapped !== undefined) return byMapper(mapped, known, crypttab)
  return existing(ofFirstDisks(spec), known)
}

function byTag(tag: string, value: string, { filesystems, luks, partitions }: Known): string | undefined {
  switch (tag) {
    case 'UUID':
      return (
        filesystems.find(({ uuid }) => uuid?.toLowerCase() === value.toLowerCase())?.device ??
        luks.find(({ uuid }) => uuid?.toLowerCase() === value.toLowerCase())?.device
      )
    case 'LABEL':
      return filesystems.find(({ label }) => label === value)?.device
    case 'PARTUUID':
      return partitions.find(({ uuid }) => uuid === value.toLowerCase())?.device
    default:
      return partitions.find(({ label }) => label === value)?.device
  }
}

// `pci-0000:03:00.0-scsi-0:0:1:0-part2`: VMware counts the disks of a controller by the third number.
function byPath(path: string, known: Known): string | undefined {
  const part = path.match(/-part(\d+)$/)?.[1] ?? ''
  const unit = path.match(/-(?:scsi-\d+:\d+:(\d+):\d+|ata-(\d+))/)
  const index =
    known.disks.length === 1 ? 0 : Number(unit?.[1] ?? (unit?.[2] === undefined ? NaN : Number(unit[2]) - 1))
  const disk = known.disks[index]
  return disk === undefined ? undefined : existing(disk + part, known)
}

function byMapper(
  name: string,
  known: Known,
  crypttab: readonly { readonly name: string; readonly device: string }[],
): string | undefined {
  const encrypted = crypttab.find((entry) => entry.name === name)
  if (encrypted) return known.luks.find(({ device }) => device === encrypted.device)?.opened
  // The device mapper doubles the hyphens of a volume group's and a volume's name, and puts one between them.
  const [, group, volume] = name.match(/^((?:[^-]|--)+)-((?:[^-]|--)+)$/) ?? []
  if (group === undefined || volume === undefined) return undefined
  return existing(`/dev/${group.replaceAll('--', '-')}/${volume.replaceAll('--', '-')}`, known)
}

// The appliance has every disk on one SCSI controller, whatever its bus was.
function ofFirstDisks(spec: string): string {
  const letters = spec.match(/^\/dev\/(?:sd|vd|xvd|hd)([a-z]+\d*)$/)?.[1]
  if (letters !== undefined) return `/dev/sd${letters}`
  const [, disk, part] = spec.match(/^\/dev\/nvme(\d+)n1(?:p(\d+))?$/) ?? []
  return disk === undefined ? spec : `/dev/sd${String.fromCharCode(97 + Number(disk))}${part ?? ''}`
}

function existing(device: string, { disks, filesystems, partitions }: Known): string | undefined {
  const names = [...disks, ...filesystems.map((one) => one.device), ...partitions.map((one) => one.device)]
  return names.includes(device) ? device : undefined
}

// udev writes what is no plain character as `\x20`.
function unescapedUdev(name: string): string {
  return name.replace(/\\x([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}
