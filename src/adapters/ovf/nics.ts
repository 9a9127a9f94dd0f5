import type { DescribedNic } from '../../core/described.ts'
import { numberOf } from './controllers.ts'
import type { HardwareItem } from './hardware.ts'

const ethernet = 10

export function isNic(item: HardwareItem): boolean {
  return item.type === ethernet
}

/** The network cards in the guest's order: by place on the bus where all have one, else as written. */
export function describeNics(items: readonly HardwareItem[]): {
  nics: readonly DescribedNic[]
  warnings: readonly string[]
} {
  const warnings: string[] = []
  const cards = items.filter(isNic)
  const placed = cards.every((card) => card.addressOnParent !== undefined)
  const ordered = placed ? cards.toSorted((a, b) => numberOf(a.addressOnParent) - numberOf(b.addressOnParent)) : cards
  const nics = ordered.map((card, index) => {
    const shown = JSON.stringify(card.name ?? `nic${index}`)
    const mac = macOf(card.address)
    if (card.connection === undefined) warnings.push(`network card ${shown} is connected to no network`)
    if (card.address !== undefined && mac === undefined) {
      warnings.push(`network card ${shown} has an address that is no MAC: ${JSON.stringify(card.address)}`)
    }
    // Some appliances list alternatives, the preferred one first: `VmxNet3 E1000`.
    const model = card.subtype?.toLowerCase().split(/\s+/)[0]
    return {
      id: `nic${index}`,
      network: card.connection ?? '',
      ...(mac === undefined ? {} : { mac }),
      ...(model === undefined ? {} : { model }),
    }
  })
  return { nics, warnings }
}

/** Accepts `00:50:56:AA:BB:CC`, `00-50-…` and VirtualBox's `005056AABBCC`. */
function macOf(address: string | undefined): string | undefined {
  const digits = /^[0-9a-f]{2}(?:([:-]?)[0-9a-f]{2})(?:\1[0-9a-f]{2}){4}$/i.test(address ?? '') ? address : undefined
  return digits
    ?.toLowerCase()
    .replace(/[^0-9a-f]/g, '')
    .replace(/..(?=.)/g, '$&:')
}
