const powers = 'kmgtpe'

/**
 * A size with libvirt's units, in bytes: `b`, `KB` (1000), `KiB` or `k` (1024), and so on to `EiB`, in any case; without a
 * unit KiB. undefined for what is none, or is more than can be counted. (https://libvirt.org/formatdomain.html#memory-allocation)
 */
export function bytesOf(amount: string, unit = 'KiB'): number | undefined {
  const scale = scaleOf(unit.toLowerCase())
  if (!/^\s*[0-9]{1,20}\s*$/.test(amount) || scale === undefined) return undefined
  const bytes = Number(amount) * scale
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

function scaleOf(unit: string): number | undefined {
  if (unit === 'b' || unit === 'bytes') return 1
  const [, letter = '', rest] = /^([kmgtpe])(b|ib)?$/.exec(unit) ?? []
  if (letter === '') return undefined
  return (rest === 'b' ? 1000 : 1024) ** (powers.indexOf(letter) + 1)
}
