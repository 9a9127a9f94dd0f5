import type { ImageFormat, ImageLocation } from '../../core/image.ts'

const drivers: Readonly<Record<ImageFormat, string>> = {
  vmdk: 'vmdk',
  qcow2: 'qcow2',
  raw: 'raw',
  vhd: 'vpc',
  vhdx: 'vhdx',
  vdi: 'vdi',
}

/**
 * An image for qemu's `--image-opts`: format and protocol are both named, so that neither the content nor the name
 * of a file (`nbd:…`, `json:…`) can make qemu open something else. A stretch of an archive is read where it lies.
 */
export function imageOptions({ path, format, stretch }: ImageLocation): string {
  const file = stretch
    ? {
        'file.driver': 'raw',
        'file.offset': stretch.offsetBytes,
        'file.size': stretch.lengthBytes,
        'file.file.driver': 'file',
        'file.file.filename': path,
      }
    : { 'file.driver': 'file', 'file.filename': path }
  // Older versions of qemu round the size of a VHD down to whole cylinders, and so cut off its end.
  const size = format === 'vhd' ? { force_size_calc: 'current_size' } : {}
  return Object.entries({ driver: drivers[format], ...size, ...file })
    .map(([key, value]) => `${key}=${String(value).replaceAll(',', ',,')}`)
    .join(',')
}
