const legacyMagic = 4
const blockBytes = 8 * 1024 * 1024

/**
 * Unpacks the legacy frames of LZ4, which Linux uses (lz4_Frame_format.md, lz4_Block_format.md): blocks of up to 8 MiB, each
 * with its length before it. Undefined when it is broken or more than `limit`.
 */
export function unpackLz4(bytes: Uint8Array, limit: number): Uint8Array | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const blocks: Uint8Array[] = []
  let total = 0
  for (let at = legacyMagic; at + 4 <= bytes.length; ) {
    const length = view.getUint32(at, true)
    // The next frame begins, or what follows is none of it.
    if (length === 0x184c2102) {
      at += 4
      continue
    }
    if (length === 0 || at + 4 + length > bytes.length) break
    const block = unpackBlock(bytes.subarray(at + 4, at + 4 + length))
    if (!block) return undefined
    total += block.length
    if (total > limit) return undefined
    blocks.push(block)
    at += 4 + length
  }
  return Buffer.concat(blocks)
}

function unpackBlock(from: Uint8Array): Uint8Array | undefined {
  const to = new Uint8Array(blockBytes)
  let [at, end] = [0, 0]
  const lengthFrom = (nibble: number): number => {
    let length = nibble
    if (nibble === 15) {
      for (let more = 255; more === 255; ) {
        more = from[at++] ?? 0
        length += more
      }
    }
    return length
  }
  while (at < from.length) {
    const token = from[at++] ?? 0
    const literals = lengthFrom(token >> 4)
    if (at + literals > from.length || end + literals > to.length) return undefined
    to.set(from.subarray(at, at + literals), end)
    at += literals
    end += literals
    if (at >= from.length) break
    const distance = (from[at] ?? 0) | ((from[at + 1] ?? 0) << 8)
    at += 2
    const length = lengthFrom(token & 15) + 4
    if (distance === 0 || distance > end || end + length > to.length) return undefined
    if (distance >= length) {
      to.copyWithin(end, end - distance, end - distance + length)
      end += length
    } else {
      // What is copied overlaps what it makes.
      for (let left = length; left > 0; left--, end++) to[end] = to[end - distance] ?? 0
    }
  }
  return to.subarray(0, end)
}
