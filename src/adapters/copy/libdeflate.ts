import { loadKoffi } from './koffi.ts'

/** Inflates a zlib stream of exactly `length` bytes from `at` on; says whether that filled `into` and was whole. */
export type InflateWhole = (bytes: Buffer, at: number, length: number, into: Buffer) => boolean

/** The name that its releases since 1.0 share. */
const library = 'libdeflate.so.0'

/**
 * libdeflate of this host, which inflates grains in about four fifths of zlib's time.
 * @returns undefined where it is not installed; what it is then, `whyNoLibdeflate` says
 */
export function libdeflate(): InflateWhole | undefined {
  const loaded = functionsOrWhy()
  if ('missing' in loaded) return undefined
  const { allocate, inflate } = loaded
  const decompressor = allocate()
  const [read, written] = [Buffer.alloc(8), Buffer.alloc(8)]
  return (bytes, at, length, into) =>
    inflate(decompressor, bytes.subarray(at, at + length), length, into, into.length, read, written) === 0 &&
    read.readBigUInt64LE() === BigInt(length) &&
    written.readBigUInt64LE() === BigInt(into.length)
}

/** What keeps libdeflate from being used here; undefined when it is. */
export function whyNoLibdeflate(): string | undefined {
  const loaded = functionsOrWhy()
  return 'missing' in loaded ? loaded.missing : undefined
}

/** https://github.com/ebiggers/libdeflate, libdeflate.h */
interface Functions {
  allocate(): unknown
  inflate(
    decompressor: unknown,
    from: Buffer,
    length: number,
    into: Buffer,
    room: number,
    read: Buffer,
    written: Buffer,
  ): number
}

function functionsOrWhy(): Functions | { readonly missing: string } {
  // Sizes are read as 64 bits, the lowest byte first.
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch)) {
    return { missing: `not tried on ${process.platform} ${process.arch}` }
  }
  try {
    const koffi = loadKoffi()
    const functions = koffi.load(library)
    return {
      allocate: functions.func('void *libdeflate_alloc_decompressor()'),
      inflate: functions.func(
        'int libdeflate_zlib_decompress_ex(void *, const void *, size_t, void *, size_t, void *, void *)',
      ),
    }
  } catch (error) {
    return { missing: error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error) }
  }
}
