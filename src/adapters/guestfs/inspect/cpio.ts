const headerBytes = 110

/** An archive of cpio's `newc` kind: the names in it, and where its last member ends. */
export interface Cpio {
  readonly names: readonly string[]
  readonly endsAt: number
}

/**
 * Reads the names of an archive, https://docs.kernel.org/driver-api/early-userspace/buffer-format.html. Undefined when
 * there is none at `offset`.
 */
export function readCpio(bytes: Uint8Array, offset = 0): Cpio | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const names: string[] = []
  for (let at = offset; isHeader(text, at); ) {
    const field = (index: number) =>
      Number.parseInt(text.toString('latin1', at + 6 + index * 8, at + 14 + index * 8), 16)
    const [fileBytes, nameBytes] = [field(6), field(11)]
    if (!Number.isInteger(fileBytes) || !Number.isInteger(nameBytes) || nameBytes === 0) return undefined
    const name = text.toString('utf8', at + headerBytes, at + headerBytes + nameBytes - 1)
    at = aligned(aligned(at + headerBytes + nameBytes) + fileBytes)
    if (name === 'TRAILER!!!') return { names, endsAt: at }
    names.push(name)
  }
  return undefined
}

/** Where the next archive begins: what is between two is filled with zeros. */
export function skipZeros(bytes: Uint8Array, offset: number): number {
  let at = offset
  while (at < bytes.length && bytes[at] === 0) at++
  return at
}

/** Whether an archive begins here, as it is and not compressed. */
export function isHeader(bytes: Uint8Array, at: number): boolean {
  return /^07070[12]$/.test(Buffer.from(bytes.subarray(at, at + 6)).toString('latin1'))
}

function aligned(at: number): number {
  return (at + 3) & ~3
}
