import type { LinuxInspection } from '../../../../core/inspection.ts'
import type { RepairNic } from '../../../../core/repair.ts'
import { type Follow, isPhysical } from './follow.ts'
import { configuredNames, type NetworkFile } from './network-files.ts'

/** What becomes of the interfaces of a guest. */
export interface Interfaces extends Follow {
  /** Names that a rule gave by the place on the bus, with the MAC by which it has to give them now. */
  readonly located: ReadonlyMap<string, string>
  /** Interfaces that a new rule gives their names by MAC: where the card is plugged in alone could change them. */
  readonly pinned: readonly { readonly name: string; readonly mac: string }[]
  /** Names for which no NIC is left. */
  readonly unmatched: readonly string[]
}

/**
 * Finds out which NIC each name means: by its MAC where a file says so, else by their order. A name that a rule gives by MAC
 * stays, since the rule is made to give it again.
 */
export function interfacesOf(
  files: readonly NetworkFile[],
  network: LinuxInspection['network'],
  nics: readonly RepairNic[],
  oldNames: boolean,
): Interfaces {
  const macs = new Map(nics.map((nic) => [(nic.sourceMac ?? nic.mac).toLowerCase(), nic.mac.toLowerCase()]))
  const named = network.flatMap(({ system, interfaces }) => interfaces.map((one) => ({ system, ...one })))
  const nicOf = new Map<string, RepairNic>()
  const kept = new Set<string>()
  const located = new Map<string, string>()
  for (const { system, file, name, mac } of named) {
    const nic = nicWith(nics, mac)
    if (name === undefined || !nic) continue
    if (!/[*?[]/.test(name)) nicOf.set(base(name), nic)
    if (givesNames(system, file, name, files)) kept.add(base(name))
  }
  const free = () => nics.filter((nic) => ![...nicOf.values()].includes(nic))
  const byPlace = named.filter(
    ({ system, file, mac }) => mac === undefined && (system === 'udev' || file.endsWith('.link')),
  )
  for (const { name } of byPlace) {
    const [nic] = free()
    if (name === undefined || !nic || nicOf.has(name)) continue
    nicOf.set(name, nic)
    kept.add(name)
    located.set(name, nic.mac.toLowerCase())
  }
  const open = inSourceOrder(configuredNames(files).filter((name) => !nicOf.has(name)))
  const unmatched = open.filter((name) => {
    const [nic] = free()
    if (nic) nicOf.set(name, nic)
    return nic === undefined
  })
  // A MAC that no NIC had, on an interface that is one's all the same: nobody said what its MAC was.
  for (const { name, mac } of named) {
    const nic = name === undefined ? undefined : nicOf.get(base(name))
    if (mac !== undefined && nic && !nicWith(nics, mac)) macs.set(mac, nic.mac.toLowerCase())
  }
  const renamed = [...nicOf].filter(([name]) => !kept.has(name) && isPhysical(name))
  const next = (nic: RepairNic) => (oldNames ? `eth${nics.indexOf(nic)}` : nic.predictedName)
  return {
    names: new Map(renamed.flatMap(([name, nic]) => pairOf(name, next(nic)))),
    macs: new Map([...macs].filter(([old, mac]) => old !== mac)),
    located,
    pinned: oldNames ? [] : renamed.map(([name, nic]) => ({ name: next(nic) ?? name, mac: nic.mac.toLowerCase() })),
    unmatched,
  }
}

function nicWith(nics: readonly RepairNic[], mac: string | undefined): RepairNic | undefined {
  if (mac === undefined) return undefined
  return (
    nics.find(({ sourceMac }) => sourceMac?.toLowerCase() === mac) ?? nics.find((nic) => nic.mac.toLowerCase() === mac)
  )
}

function pairOf(name: string, next: string | undefined): readonly (readonly [string, string])[] {
  return next === undefined || next === name ? [] : [[name, next]]
}

/** A name without the tag of a VLAN and the number of an alias. */
function base(name: string): string {
  const [plain = name] = name.split(/[.:]/)
  return isPhysical(plain) ? plain : name
}

/** Whether a file not only finds an interface by its MAC, but calls it so. */
function givesNames(system: string, file: string, name: string, files: readonly NetworkFile[]): boolean {
  switch (system) {
    case 'udev':
      return true
    case 'networkd':
      return file.endsWith('.link')
    case 'netplan':
    case 'cloud-init': {
      const text = files.find(({ path }) => path === file)?.content ?? ''
      return (
        new RegExp(`set-name:\\s*["']?${name.replace(/[^\w-]/g, '.')}\\b`).test(text) ||
        /\btype:\s*physical\b/.test(text)
      )
    }
    // initscripts call the card with that HWADDR so, in distributions that have `eth0`.
    case 'ifcfg':
    case 'wicked':
      return /^eth\d+$/.test(name)
    default:
      return false
  }
}

// VMware numbers slots by bus and device: 160, 192, 224, 256 come first, then 161, 193 …
function inSourceOrder(names: readonly string[]): readonly string[] {
  const slot = (name: string) => Number(/^ens(\d+)$/.exec(name)?.[1] ?? Number.NaN)
  const vmware = names.every((name) => slot(name) >= 160 && slot(name) < 1024)
  const key = (name: string) => (slot(name) % 32) * 32 + Math.floor(slot(name) / 32)
  return names.toSorted((a, b) => (vmware ? key(a) - key(b) : a.localeCompare(b, 'en', { numeric: true })))
}
