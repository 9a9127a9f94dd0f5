import type { FstabEntry } from '../../../core/inspection.ts'
import { deviceOf } from '../device-spec.ts'
import type { Devices } from '../devices.ts'

export type Crypttab = readonly { readonly name: string; readonly device: string }[]

/** The lines of fstab(5) that are entries, each with the device that it means on these disks. */
export function readFstab(text: string, devices: Devices, crypttab: Crypttab): readonly FstabEntry[] {
  return text.split('\n').flatMap((content, index) => {
    const [spec, mountpoint, type, options = 'defaults'] = fields(content)
    if (spec === undefined || mountpoint === undefined || type === undefined) return []
    const device = deviceOf(spec, devices, crypttab)
    return [{ line: index + 1, spec, mountpoint, type, options, ...(device === undefined ? {} : { device }) }]
  })
}

/** crypttab(5): the names that encrypted devices are opened under. The device is the appliance's where it could be told. */
export function readCrypttab(text: string, devices: Devices): Crypttab {
  return text.split('\n').flatMap((content) => {
    const [name, spec] = fields(content)
    return name === undefined || spec === undefined ? [] : [{ name, device: deviceOf(spec, devices) ?? spec }]
  })
}

function fields(content: string): string[] {
  const line = content.trim()
  if (line === '' || line.startsWith('#')) return []
  // Spaces and tabs in a name are written in octal.
  return line.split(/[ \t]+/).map((field) => {
    return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
  })
}
