import { createHash } from 'node:crypto'
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { mostGrainBytes } from '../../../src/adapters/copy/grain-data.ts'
import type { Compression } from '../../../src/adapters/copy/messages.ts'
import { type ArrivingImage, streamCopier } from '../../../src/adapters/copy/stream/copy-stream.ts'
import { sha256 } from '../../../src/adapters/files/digest.ts'
import { unwritable } from '../../../src/adapters/files/unwritable.ts'
import { completeFile, partialName } from '../../../src/adapters/files/write-whole.ts'
import { download } from '../../../src/adapters/http/download.ts'
import { readArrivingVmdk } from '../../../src/adapters/image-header.ts'
import { problemsOf } from '../../../src/core/problem.ts'
import type { Arrival } from '../../../src/ports/web.ts'
import { localhostCertificate } from '../../support/certificate.ts'
import { qemuImg } from '../../support/machines.ts'
import { streamOptimized } from '../image-header/esxi-vmdk.ts'
import { sharedFolder } from '../image-header/images.ts'
import { copied, mib, mixedDisk, sha256Of } from './copies.ts'

const folder = sharedFolder()
const never = new AbortController().signal
const raw = join(folder, 'disk.raw')
const disk = mixedDisk(12 * mib + 512 * 3)
const vmware = streamOptimized(disk)
const sector = 512
/** VMware's first grain lies behind 128 sectors of header and descriptor. */
const firstGrain = 128 * sector
const served = new Map<string, Buffer>()
const copy = streamCopier({ readBeginning: readArrivingVmdk, partialName, complete: completeFile, sha256, unwritable })

let ca = ''
let address = ''
const server = createServer((request, response) => {
  const bytes = served.get(request.url ?? '')
  if (!bytes) return void response.writeHead(404).end()
  // Says the whole length, and breaks off before.
  if (request.headers.cookie === 'break=yes') {
    response.writeHead(200, { 'content-length': bytes.length })
    return void response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy())
  }
  response.writeHead(200, { 'content-length': bytes.length })
  return void response.end(bytes)
})

beforeAll(async () => {
  writeFileSync(raw, disk)
  const { key, cert } = localhostCertificate(folder)
  ca = cert
  server.setSecureContext({ key, cert })
  await new Promise<void>((settle) => void server.listen(0, '127.0.0.1', settle))
  address = `https://localhost:${(server.address() as AddressInfo).port}`
  const stream = join(folder, 'qemu.vmdk')
  qemuImg('convert', '-f', 'raw', '-O', 'vmdk', '-o', 'subformat=streamOptimized', raw, stream)
  served.set('/qemu.vmdk', readFileSync(stream)).set('/vmware.vmdk', vmware)
})
afterAll(() => void server.close())

interface Fetched {
  readonly expected?: ArrivingImage['expected']
  readonly format?: 'raw' | 'qcow2'
  readonly compression?: Compression
  readonly cookie?: string
  /** Reads in parts what is sent as a whole. */
  readonly read?: ArrivingImage['read']
}

async function* untilClosed(bytes: Arrival): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes
  } finally {
    bytes.close()
  }
}

function connections(): Promise<number> {
  return new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  )
}

async function fetched(path: string, target: string, { expected = {}, format = 'raw', ...options }: Fetched = {}) {
  const { compression, cookie, read } = options
  const { bytes, lengthBytes } = await download(
    new URL(address + path),
    { ca, ...(cookie ? { headers: { cookie } } : {}) },
    never,
  )
  const copying = copy(
    {
      name: path,
      bytes: untilClosed(bytes),
      ...(read ? { read } : {}),
      expected: { ...(lengthBytes === undefined ? {} : { lengthBytes }), ...expected },
    },
    { path: join(folder, target), format, ...(compression ? { compression } : {}) },
    { signal: never, progress: () => undefined },
  )
  // The connection is over, however the copy ended.
  await copying.catch(() => undefined)
  await vi.waitFor(async () => expect(await connections()).toBe(0), { timeout: 10_000 })
  return copying
}

/** What a copy is refused with; it leaves nothing behind. */
async function refused(path: string, options: Fetched = {}): Promise<string> {
  const problems = await fetched(path, 'never.img', options).then(() => undefined, problemsOf)
  expect(existsSync(join(folder, 'never.img')) || existsSync(partialName(join(folder, 'never.img')))).toBe(false)
  return (problems ?? []).map(({ code, summary }) => `${code} ${summary}`).join('\n')
}

const digestOf = (path: string) => ({
  algorithm: 'sha256',
  hex: createHash('sha256')
    .update(served.get(path) ?? '')
    .digest('hex'),
})

describe.each(['/qemu.vmdk', '/vmware.vmdk'])('a disk from an HTTPS server with a CA of its own, %s', (path) => {
  test('becomes the same raw disk, with its holes and its checksum', async () => {
    const made = await fetched(path, 'copy.raw', { expected: { digest: digestOf(path), virtualBytes: disk.length } })
    expect(made.sha256).toBe(sha256Of(raw))
    expect(sha256Of(made.file.path)).toBe(made.sha256)
    expect(statSync(made.file.path).blocks * 512).toBeLessThan((2 * 28 + 3 * 6) * 65_536)
  })

  test.each([undefined, { type: 'zstd', level: 3 } as const])(
    'becomes the same qcow2, compressed: %o',
    async (type) => {
      const made = await fetched(path, 'copy.qcow2', { format: 'qcow2', ...(type ? { compression: type } : {}) })
      expect(qemuImg('compare', '-f', 'raw', '-F', 'qcow2', raw, made.file.path)).toMatch(/identical/)
      expect(qemuImg('check', '-f', 'qcow2', made.file.path)).toMatch(/No errors were found/)
      expect(sha256Of(made.file.path)).toBe(made.sha256)
    },
  )
})

test('a disk whose grains need several tables of qcow2, more than one of them in a chunk', async () => {
  const wide = join(folder, 'wide.raw')
  const file = openSync(wide, 'w')
  for (const at of [0, 511.9 * mib, 512 * mib - 65_536, 512 * mib, 1536 * mib, 1700 * mib]) {
    writeSync(file, disk.subarray(0, 3 * 65_536), 0, 3 * 65_536, Math.floor(at / 512) * 512)
  }
  closeSync(file)
  truncateSync(wide, 1800 * mib)
  qemuImg('convert', '-f', 'raw', '-O', 'vmdk', '-o', 'subformat=streamOptimized', wide, join(folder, 'wide.vmdk'))
  served.set('/wide.vmdk', readFileSync(join(folder, 'wide.vmdk')))
  const made = await fetched('/wide.vmdk', 'wide.qcow2', { format: 'qcow2' })
  expect(qemuImg('compare', '-f', 'raw', '-F', 'qcow2', wide, made.file.path)).toMatch(/identical/)
  expect(qemuImg('check', '-f', 'qcow2', made.file.path)).toMatch(/No errors were found/)
})

describe('a disk whose grains are padded', () => {
  // Of several chunks, each grain another one.
  const full = Buffer.alloc(200 * 65_536, 'the quick brown fox, ')
  for (let at = 0; at < full.length; at += 65_536) full.writeUInt32LE(at, at)

  test('to the most that a grain can take becomes the same disk', async () => {
    writeFileSync(join(folder, 'full.raw'), full)
    served.set('/padded.vmdk', streamOptimized(full, 'padded.vmdk', { leastBytes: mostGrainBytes(65_536) - 12 }))
    const made = await fetched('/padded.vmdk', 'padded.raw')
    expect(made.sha256).toBe(sha256Of(join(folder, 'full.raw')))
    expect(sha256Of(made.file.path)).toBe(made.sha256)
  })

  test('to a byte more is refused', async () => {
    served.set('/padded.vmdk', streamOptimized(full, 'padded.vmdk', { leastBytes: mostGrainBytes(65_536) - 11 }))
    expect(await refused('/padded.vmdk')).toMatch(/^IMAGE_CORRUPT .* a grain at byte 65536 /)
  })
})

describe('a disk whose grain tables can be asked for before it arrives', () => {
  const partsOf = (bytes: Buffer) => {
    const asked: number[] = []
    const read = async (offset: number, length: number) => {
      asked.push(offset)
      return bytes.subarray(offset, offset + length)
    }
    return { asked, read }
  }

  test('becomes the same qcow2 as from a file', async () => {
    const { asked, read } = partsOf(vmware)
    writeFileSync(join(folder, 'vmware.vmdk'), vmware)
    const fromFile = await copied(join(folder, 'vmware.vmdk'), join(folder, 'file.qcow2'), 'qcow2')
    const made = await fetched('/vmware.vmdk', 'asked.qcow2', { format: 'qcow2', read })
    // The header, all before the first grain, the footer, the directory and its one table.
    expect(asked).toHaveLength(5)
    expect(made.sha256).toBe(fromFile.sha256)
    expect(sha256Of(made.file.path)).toBe(made.sha256)
  })

  test.each<[string, RegExp, (bytes: Buffer) => Buffer | undefined]>([
    ['one grain less', /^IMAGE_CORRUPT .*other grains/, spoilTable],
    ['no table', /^IMAGE_CORRUPT .*other grains/, spoilDirectory],
  ])('is refused when they tell of %s, and arrive so', async (_, message, change) => {
    const bytes = Buffer.from(vmware)
    change(bytes)
    served.set('/changed.vmdk', bytes)
    const { read } = partsOf(bytes)
    expect(await refused('/changed.vmdk', { format: 'qcow2', read })).toMatch(message)
  })

  test('is refused when it is not the one that arrives', async () => {
    const other = Buffer.from(vmware)
    spoilTable(other)
    const { read } = partsOf(other)
    expect(await refused('/vmware.vmdk', { format: 'qcow2', read })).toMatch(/^SOURCE_CHANGED/)
  })
})

describe('what arrives is refused, and nothing is left of it', () => {
  const changed = (change: (bytes: Buffer) => Buffer | undefined) => {
    const bytes = Buffer.from(vmware)
    served.set('/changed.vmdk', change(bytes) ?? bytes)
    return refused('/changed.vmdk')
  }

  test('when it has another checksum than the manifest says', async () => {
    const digest = { algorithm: 'sha1', hex: '0'.repeat(40) }
    expect(await refused('/vmware.vmdk', { expected: { digest } })).toMatch(/^CHECKSUM_DIFFERS/)
  })

  test('when it is another disk', async () => {
    expect(await refused('/vmware.vmdk', { expected: { virtualBytes: 512 } })).toMatch(/^DISK_SIZE_DIFFERS/)
  })

  test('when the connection breaks', async () => {
    expect(await refused('/vmware.vmdk', { cookie: 'break=yes' })).toMatch(
      /^SOURCE_UNREADABLE .* broke off at byte \d+/,
    )
  })

  test('when the server has none, and when nobody vouches for the server', async () => {
    expect(await refused('/none.vmdk')).toMatch(/^SOURCE_MISSING .* status 404/)
    await expect(download(new URL(address), {}, never)).rejects.toThrow(/SOURCE_UNREADABLE: .*certificate/)
    await expect(download(new URL('http://a.lab/'), {}, never)).rejects.toThrow(/without TLS/)
  })

  test.each<[string, RegExp, (bytes: Buffer) => Buffer | undefined]>([
    ['is cut off', /^SOURCE_UNREADABLE .* ends at byte/, (b) => b.subarray(0, b.length - 5 * sector)],
    ['is cut off between grains', /^(SOURCE_UNREADABLE|IMAGE_CORRUPT)/, (b) => b.subarray(0, firstGrain)],
    ['has a damaged grain', /^IMAGE_CORRUPT .*inflated/, (b) => void b.fill(0xff, firstGrain + 20, firstGrain + 60)],
    [
      'has a grain beyond its disk',
      /^IMAGE_CORRUPT .* a grain at byte/,
      (b) => void b.writeBigUInt64LE(1n << 40n, firstGrain),
    ],
    ['has a table without one of its grains', /^IMAGE_CORRUPT .*other grains/, spoilTable],
    ['is another kind', /^IMAGE_UNSUPPORTED/, (b) => void b.writeUInt16LE(0, 77)],
    ['has tables without end', /^IMAGE_CORRUPT .*more grain tables/, repeatTable],
    ['has a marker for more than any table', /^IMAGE_CORRUPT .* a marker at byte 65536 for 8389120 bytes/, hugeTable],
    ['has grains out of order', /^IMAGE_UNSUPPORTED .*out of order/, swapGrains],
    ['is no VMDK', /^IMAGE_/, (b) => void b.fill(0, 0, sector)],
  ])('when it %s', async (_, message, change) => expect(await changed(change)).toMatch(message))
})

// With no grain of their own.
function repeatTable(bytes: Buffer): Buffer {
  const table = Buffer.alloc(5 * sector)
  table.writeUInt32LE(4, 0)
  table.writeUInt32LE(1, 12)
  const many = Array.from({ length: 99 }, () => table)
  return Buffer.concat([bytes.subarray(0, firstGrain), ...many, bytes.subarray(firstGrain)])
}

function hugeTable(bytes: Buffer): undefined {
  bytes.fill(0, firstGrain, firstGrain + sector)
  bytes.writeUInt32LE(2 ** 14 + 1, firstGrain)
  bytes.writeUInt32LE(1, firstGrain + 12)
}

function spoilTable(bytes: Buffer): undefined {
  bytes.writeUInt32LE(0, bytes.readUInt32LE(directoryOf(bytes)) * sector)
}

function directoryOf(bytes: Buffer): number {
  return Number(bytes.readBigUInt64LE(bytes.length - 2 * sector + 56)) * sector
}

function spoilDirectory(bytes: Buffer): undefined {
  bytes.writeUInt32LE(0, directoryOf(bytes))
}

function swapGrains(bytes: Buffer): undefined {
  bytes.writeBigUInt64LE(128n * 3n, firstGrain)
}
