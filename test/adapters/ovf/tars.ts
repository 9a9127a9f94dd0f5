import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { pack } from 'tar-stream'

export const temporaryFolder = () => mkdtempSync(join(tmpdir(), 'h2k-ovf-'))

export type Content = readonly (readonly [name: string, content: string | Buffer])[]

/** A tar archive of plain files by tar-stream. */
export async function tarOf(files: Content): Promise<Buffer> {
  const archive = pack()
  for (const [name, content] of files) archive.entry({ name }, content)
  archive.finalize()
  return buffer(archive)
}

/** Writes the files and archives them, in this order, with the real tar. */
export function realTar(folder: string, files: Content, options: readonly string[] = []): string {
  for (const [name, content] of files) writeFileSync(join(folder, name), content)
  const path = join(folder, 'real.ova')
  execFileSync('tar', [...options, '-C', folder, '-cf', path, ...files.map(([name]) => name)])
  return path
}

/** One header as POSIX ustar has it, for what tools refuse to write. */
export function header(name: string, bytes: number, type = '0', linkname = ''): Buffer {
  const block = Buffer.alloc(512)
  block.write(name, 0, 100)
  block.write('0000644\0', 100)
  if (bytes < 8 ** 11) block.write(`${bytes.toString(8).padStart(11, '0')}\0`, 124)
  else {
    // GNU's base-256, for sizes of 8 GiB and more.
    block[124] = 0x80
    block.writeBigUInt64BE(BigInt(bytes), 128)
  }
  block.write(type, 156)
  block.write(linkname, 157, 100)
  block.write('ustar\x0000', 257)
  block.fill(' ', 148, 156)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

/** A header with its content, filled to whole blocks. */
export function entry(name: string, content: string | Buffer = '', type = '0', linkname = ''): Buffer {
  const body = Buffer.from(content)
  return Buffer.concat([
    header(name, body.length, type, linkname),
    body,
    Buffer.alloc((512 - (body.length % 512)) % 512),
  ])
}

/** The two blocks that end an archive. */
export const end = Buffer.alloc(1024)

/** A line of a manifest, as ovftool writes it. */
export const digestLine = (name: string, content: string | Buffer, algorithm = 'sha256') =>
  `${algorithm.toUpperCase()}(${name})= ${createHash(algorithm).update(content).digest('hex')}\n`
