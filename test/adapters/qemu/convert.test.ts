import { describe, expect, test } from 'vitest'
import { percentReader } from '../../../src/adapters/qemu/convert.ts'
import { imageOptions } from '../../../src/adapters/qemu/image-options.ts'

describe('progress of qemu-img', () => {
  test('is read in whatever pieces it arrives, each percent told once', () => {
    const told: number[] = []
    const read = percentReader((percent) => told.push(percent))
    for (const piece of [
      '    (0.00/100%)\r    (0.',
      '40/100%)\r    (1.02/1',
      '00%)\r    (1.90/100%)\r',
      '    (57.3/100%)\r    (100.00/100%)\r\n',
    ])
      read(piece)
    expect(told).toEqual([0, 1, 100])
  })
})

describe('an image for --image-opts', () => {
  test('names format and protocol, and escapes commas', () => {
    expect(imageOptions({ path: '/a,b/nbd:x', format: 'raw' })).toBe(
      'driver=raw,file.driver=file,file.filename=/a,,b/nbd:x',
    )
  })

  test('reads a stretch of an archive where it lies', () => {
    const stretch = { offsetBytes: 1536, lengthBytes: 4096 }
    expect(imageOptions({ path: '/x.ova', format: 'vmdk', stretch })).toBe(
      'driver=vmdk,file.driver=raw,file.offset=1536,file.size=4096,file.file.driver=file,file.file.filename=/x.ova',
    )
  })

  test('takes the size of a VHD from its field, not from its geometry', () => {
    expect(imageOptions({ path: '/x.vhd', format: 'vhd' })).toContain('driver=vpc,force_size_calc=current_size,')
  })
})
