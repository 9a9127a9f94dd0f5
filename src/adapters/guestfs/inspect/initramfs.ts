import { isHeader, readCpio, skipZeros } from './cpio.ts'

/** Unpacks what a compressor made; undefined when it cannot. */
export type Inflate = (format: Compression, bytes: Uint8Array) => Promise<Uint8Array | undefined>

export type Compression = 'gzip' | 'xz' | 'zstd' | 'lz4' | 'bzip2' | 'lzma'

const magics: readonly (readonly [Compression, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['lz4', [0x02, 0x21, 0x4c, 0x18]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['lzma', [0x5d, 0x00, 0x00]],
]

/**
 * The names of all files in an initramfs: archives of cpio one after the other, the first ones plain (microcode for the
 * processor), the last one mostly compressed. Undefined when it is something else, or compressed in a way that cannot be
 * undone here.
 */
export async function initramfsNames(bytes: Uint8Array, inflate: Inflate): Promise<readonly string[] | undefined> {
  const names: string[] = []
  let at = skipZeros(bytes, 0)
  while (at < bytes.length) {
    if (isHeader(bytes, at)) {
      const cpio = readCpio(bytes, at)
      if (!cpio) return undefined
      names.push(...cpio.names)
      at = skipZeros(bytes, cpio.endsAt)
      continue
    }
    const format = compressionAt(bytes, at)
    const inside = format && (await inflate(format, bytes.subarray(at)))
    const cpio = inside && readCpio(inside)
    return cpio ? [...names, ...cpio.names] : undefined
  }
  return names.length > 0 ? names : undefined
}

function compressionAt(bytes: Uint8Array, at: number): Compression | undefined {
  return magics.find(([, magic]) => magic.every((byte, index) => bytes[at + index] === byte))?.[0]
}
