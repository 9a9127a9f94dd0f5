import type { ImageFormat } from '../../core/image.ts'
import type { ImageBytes } from './bytes.ts'

/** The first and the last 512 bytes of an image, zeros where it is shorter. */
export interface Ends {
  readonly start: Buffer
  readonly end: Buffer
}

export async function readEnds(image: ImageBytes): Promise<Ends> {
  const length = Math.min(512, image.lengthBytes)
  const [start, end] = [Buffer.alloc(512), Buffer.alloc(512)]
  const first = await image.read(0, length, 'first sector')
  const last = await image.read(image.lengthBytes - length, length, 'last sector')
  first.copy(start)
  last.copy(end)
  return { start, end }
}

/** The first bytes of a sparse VMDK extent. */
export const sparseVmdkMagic = 'KDMV'

const signatures: Readonly<Record<Exclude<ImageFormat, 'raw'>, (ends: Ends) => boolean>> = {
  vmdk: ({ start }) => beginsWith(start, sparseVmdkMagic, 'COWD') || /^\s*# *disk descriptorfile/i.test(text(start)),
  qcow2: ({ start }) => beginsWith(start, 'QFI\u00fb'),
  vhdx: ({ start }) => beginsWith(start, 'vhdxfile'),
  vdi: ({ start }) => start.readUInt32LE(0x40) === 0xbeda107f,
  // A fixed VHD has only the footer; a growing one has a copy of it in front.
  vhd: ({ start, end }) => beginsWith(start, 'conectix') || beginsWith(end, 'conectix'),
}

/** Whether an image bears the signature of `format`; anything can be raw. */
export function bearsSignature(format: ImageFormat, ends: Ends): boolean {
  return format === 'raw' || signatures[format](ends)
}

const others: readonly (readonly [string, (ends: Ends) => boolean])[] = [
  ['a VMDK image', signatures.vmdk],
  ['a qcow2 image', signatures.qcow2],
  ['a VHDX image', signatures.vhdx],
  ['a VDI image', signatures.vdi],
  ['a VHD image', signatures.vhd],
  ['an OVF descriptor', ({ start }) => /^\s*<\?xml|<(?:ovf:)?envelope/i.test(text(start))],
  ['a web page, such as one that asks to log in', ({ start }) => /^\s*<(?:!doctype html|html)/i.test(text(start))],
  ['a gzip file', ({ start }) => beginsWith(start, '\u001f\u008b')],
  ['a bzip2 file', ({ start }) => beginsWith(start, 'BZh')],
  ['an xz file', ({ start }) => beginsWith(start, '\u00fd7zXZ')],
  ['a Zstandard file', ({ start }) => beginsWith(start, '\u0028\u00b5\u002f\u00fd')],
  ['a ZIP archive', ({ start }) => beginsWith(start, 'PK\u0003\u0004')],
  ['a tar archive, such as an OVA', ({ start }) => text(start).startsWith('ustar', 257)],
  ['zeros', ({ start, end }) => start.every((byte) => byte === 0) && end.every((byte) => byte === 0)],
  ['a raw disk', ({ start }) => start.readUInt16BE(510) === 0x55aa],
]

/** What an image looks like, for a message; undefined when nothing is recognised. */
export function appearance(ends: Ends): string | undefined {
  return others.find(([, matches]) => matches(ends))?.[0]
}

function beginsWith(bytes: Buffer, ...magics: readonly string[]): boolean {
  return magics.some((magic) => text(bytes).startsWith(magic))
}

function text(bytes: Buffer): string {
  return bytes.toString('latin1')
}
