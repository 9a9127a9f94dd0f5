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
export function imageOptions(image: ImageLocation): string {
  return optionText(optionsOf(image))
}

/** Options as qemu's command line takes them. */
export function optionText(options: Readonly<Record<string, string | number>>): string {
  return Object.entries(options)
    .map(([key, value]) => `${key}=${String(value).replaceAll(',', ',,')}`)
    .join(',')
}

/** The same where qemu takes the name of a file, such as that of a backing file. */
export function imageName(image: ImageLocation): string {
  return `json:${JSON.stringify(optionsOf(image))}`
}

/** What qemu calls an image's format. */
export function driverOf({ format }: Pick<ImageLocation, 'format'>): string {
  return drivers[format]
}

function optionsOf({ path, format, stretch }: ImageLocation): Readonly<Record<string, string | number>> {
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
  return { driver: drivers[format], ...size, ...file }
}
