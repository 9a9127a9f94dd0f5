const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB']

/** A number of bytes in binary units, in at most three significant digits: `17 B`, `3.1 GiB`. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  // 1000 to 1023 would take a fourth digit, so they count as a fraction of the next unit.
  while (significant(value) >= 1000 && unit < byteUnits.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? Math.round(value) : significant(value)} ${byteUnits[unit]}`
}

function significant(value: number): number {
  return Number(value.toPrecision(3))
}

/** A number of bytes each second: `52 MiB/s`. */
export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`
}

/** A length of time in at most two units: `0.4 s`, `52 s`, `3 min 12 s`, `1 h 4 min`. */
export function formatSeconds(seconds: number): string {
  const tenths = Math.round(seconds * 10) / 10
  if (tenths < 10) return `${tenths} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return inTwo(whole, 'min', 's')
  return inTwo(Math.round(seconds / 60), 'h', 'min')
}

function inTwo(small: number, largeUnit: string, smallUnit: string): string {
  const rest = small % 60
  return `${Math.floor(small / 60)} ${largeUnit}${rest === 0 ? '' : ` ${rest} ${smallUnit}`}`
}

/** A number of things: `1 disk`, `2 disks`. */
export function formatCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
