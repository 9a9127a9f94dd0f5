const prefixes: ReadonlyMap<string, number> = new Map([
  ['', 0],
  ['kilo', 10],
  ['k', 10],
  ['mega', 20],
  ['m', 20],
  ['giga', 30],
  ['g', 30],
  ['tera', 40],
  ['t', 40],
])

/**
 * Bytes in an allocation unit: programmatic as DMTF DSP0004 annex C has it (`byte * 2^20`, `byte*10^9`, `byte * 1024`),
 * or in the words of OVF 0.9 and VirtualBox (`MegaBytes`, `MB`), which count in powers of 1024.
 */
function bytesPerUnit(unit: string): number | undefined {
  const text = unit.trim().toLowerCase().slice(0, 64)
  const word = /^(kilo|mega|giga|tera|)bytes?$/.exec(text) ?? /^([kmgt]?)i?b$/.exec(text)
  if (word?.[1] !== undefined) return 2 ** (prefixes.get(word[1]) ?? 0)
  const [first, ...factors] = text.split('*').map((part) => part.trim())
  if (first !== 'byte' && first !== 'bytes') return undefined
  let bytes = 1
  for (const factor of factors) {
    const [, base, exponent] = /^(\d{1,15})(?:\s*\^\s*(\d{1,3}))?$/.exec(factor) ?? []
    bytes *= base === undefined ? Number.NaN : Number(base) ** Number(exponent ?? 1)
  }
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : undefined
}

/** A quantity of units in bytes; undefined when it is no whole number, or more than can be counted exactly. */
export function inBytes(quantity: string, unit: string): number | undefined {
  const perUnit = bytesPerUnit(unit)
  if (perUnit === undefined || !/^\d{1,16}$/.test(quantity)) return undefined
  const bytes = Number(quantity) * perUnit
  return Number.isSafeInteger(bytes) ? bytes : undefined
}
