import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createWeb } from '../../../src/adapters/http/web.ts'
import { readArrivingVmdk } from '../../../src/adapters/image-header.ts'
import { forecastDisk } from '../../../src/adapters/source/remote-disk.ts'
import { serveFolder, type WebServer } from '../../support/web-server.ts'
import { streamOptimized } from '../image-header/esxi-vmdk.ts'
import { mib, never, sector, sharedFolder } from '../image-header/images.ts'

const folder = sharedFolder()
const vmware = streamOptimized(Buffer.alloc(2 * mib, 'text'))
let server: WebServer
beforeAll(async () => {
  server = await serveFolder(folder)
})
afterAll(() => server.close())

async function forecast(change: (bytes: Buffer) => void) {
  const bytes = Buffer.from(vmware)
  change(bytes)
  writeFileSync(join(folder, 'disk.vmdk'), bytes)
  const connection = { name: 'images', url: `${server.address}/`, caFile: server.caFile }
  const web = createWeb({ connections: [connection], environment: {} })
  const file = await web.look(`${server.address}/disk.vmdk`, never)
  return forecastDisk(web, readArrivingVmdk, { file, lengthBytes: file.identity.bytes }, { format: 'vmdk' }, never)
}

test('a disk as VMware writes it is copied while it arrives', async () => {
  expect(await forecast(() => undefined)).toEqual({
    ...{ arrives: true, virtualBytes: 2 * mib, usedBytes: 2 * mib, variant: 'streamOptimized' },
  })
})

test.each<[string, (bytes: Buffer) => void]>([
  ['its grain directory is behind its grains', tellDirectory],
  ['its grain directory has 16777216 bytes', enlarge],
  ['its grains have 32768 bytes', (b) => void b.writeUInt32LE(64, 20)],
  ['its grains have no markers', (b) => void b.writeUInt32LE(0x10001, 8)],
  ['it is no streamOptimized VMDK', (b) => void b.writeUInt16LE(0, 77)],
])('a disk is fetched first since %s', async (not, change) => {
  expect(await forecast(change)).toMatchObject({ arrives: { not } })
})

/** The header says where it is, as the footer does. */
function tellDirectory(bytes: Buffer): void {
  bytes.copy(bytes, 56, bytes.length - 2 * sector + 56, bytes.length - 2 * sector + 64)
}

/** To 256 GiB, with a table for each grain. */
function enlarge(bytes: Buffer): void {
  bytes.writeUInt32LE(1, 44)
  bytes.writeBigUInt64LE(2n ** 29n, 12)
}
