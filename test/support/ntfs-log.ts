/**
 * How a log of an NTFS begins that Windows uses: two pages, of which the one with the larger `lsn` counts.
 * @param clean what the second page says; the first one says the opposite
 */
export function restartPages({ clean = true, lsn = [1n, 2n], version = 1 } = {}): Buffer {
  return Buffer.concat(
    lsn.map((value, index) => {
      const page = Buffer.alloc(4096)
      page.write('RSTR', 0, 'latin1')
      page.writeUInt16LE(30, 4)
      page.writeUInt16LE(9, 6)
      page.writeUInt32LE(4096, 16)
      page.writeUInt16LE(48, 24)
      page.writeUInt16LE(version, 28)
      page.writeBigUInt64LE(value, 48)
      page.writeUInt16LE(clean === (index === 1) ? 2 : 0, 48 + 14)
      page.writeUInt16LE(0x1234, 30)
      for (let end = 510; end < 4096; end += 512) page.writeUInt16LE(0x1234, end)
      return page
    }),
  )
}
