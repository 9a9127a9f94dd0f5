import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { streamCopier } from '../../../src/adapters/copy/stream/copy-stream.ts'
import { remoteSwap } from '../../../src/adapters/copy/stream/remote-swap.ts'
import { sha256 } from '../../../src/adapters/files/digest.ts'
import { unwritable } from '../../../src/adapters/files/unwritable.ts'
import { completeFile, partialName } from '../../../src/adapters/files/write-whole.ts'
import { arrivingDisks } from '../../../src/adapters/http/arriving-disk.ts'
import { createWeb } from '../../../src/adapters/http/web.ts'
import { readArrivingVmdk } from '../../../src/adapters/image-header.ts'
import { problemsOf } from '../../../src/core/problem.ts'
import { serveFolder, type WebServer } from '../../support/web-server.ts'
import { copied, mib, mixedDisk, sha256Of } from '../copy/copies.ts'
import { streamOptimized } from '../image-header/esxi-vmdk.ts'
import { sharedFolder } from '../image-header/images.ts'

// Its tables lie between its grains and its directory at its end, as VMware writes them: parts of it are asked for.
const vmware = streamOptimized(mixedDisk(70 * mib))
const folder = sharedFolder()
const sector = 512
let server: WebServer
let expected = ''
beforeAll(async () => {
  writeFileSync(join(folder, 'disk.vmdk'), vmware)
  expected = (await copied(join(folder, 'disk.vmdk'), join(folder, 'file.qcow2'), 'qcow2')).sha256
  server = await serveFolder(folder)
})
beforeEach(() => {
  for (const key of Object.keys(server.behaviour)) delete server.behaviour[key as keyof typeof server.behaviour]
  server.requests.splice(0)
})
afterAll(() => server.close())

function arrived(file: string, progress: () => void = () => undefined) {
  const connection = { name: 'images', url: `${server.address}/`, caFile: server.caFile }
  const web = createWeb({ connections: [connection], environment: {}, idleSeconds: 1 })
  const copy = streamCopier({
    readBeginning: readArrivingVmdk,
    partialName,
    complete: completeFile,
    sha256,
    unwritable,
  })
  return arrivingDisks(web, { copy, findSwap: remoteSwap(readArrivingVmdk), engine: 'h2k' })(
    { image: { path: `${server.address}/${file}`, format: 'vmdk' } },
    { path: join(folder, 'copy.qcow2'), format: 'qcow2', dataBytes: 0 },
    { signal: new AbortController().signal, progress },
  )
}

const parts = () => server.requests.filter(({ range }) => range !== undefined && range !== 'bytes=0-0')

test('a disk whose parts can be asked for is the same file as a copy from a file, and the parts are asked for first', async () => {
  // Together they take longer than a server, or h2k, waits for one that does not take what is sent.
  server.behaviour.millisecondsPerPiece = 300
  const { sha256 } = await arrived('disk.vmdk')
  expect([sha256, sha256Of(join(folder, 'copy.qcow2'))]).toEqual([expected, expected])
  // Its header, all before its first grain, its footer, its directory and three tables.
  expect(parts()).toHaveLength(7)
  expect(server.requests.at(-1)?.range).toBeUndefined()
})

test.each([429, 503])('a server that answers parts with %i is asked for the whole alone', async (refusesParts) => {
  Object.assign(server.behaviour, { refusesParts })
  const { sha256 } = await arrived('disk.vmdk')
  expect(sha256Of(join(folder, 'copy.qcow2'))).toBe(sha256)
})

test('a server that takes no Range is asked for the whole alone', async () => {
  server.behaviour.noRanges = true
  const { sha256 } = await arrived('disk.vmdk')
  expect(sha256Of(join(folder, 'copy.qcow2'))).toBe(sha256)
  expect(parts()).toEqual([])
})

test('a disk whose server starts again meanwhile is the same file', async () => {
  server.behaviour.millisecondsPerPiece = 20
  let away: Promise<void> | undefined
  const { sha256 } = await arrived('disk.vmdk', () => {
    away ??= startsAgain(1500)
  })
  await away
  expect([sha256, sha256Of(join(folder, 'copy.qcow2'))]).toEqual([expected, expected])
  expect(server.requests.at(-1)?.range).toMatch(/^bytes=[1-9]\d*-/)
})

test('a disk that is replaced while its server is away is told as another one', async () => {
  writeFileSync(join(folder, 'replaced.vmdk'), vmware)
  server.behaviour.millisecondsPerPiece = 20
  let away: Promise<void> | undefined
  const copying = arrived('replaced.vmdk', () => {
    if (away) return
    away = startsAgain(0)
    writeFileSync(join(folder, 'replaced.vmdk'), vmware.subarray(sector))
  })
  const problems = await copying.then(() => undefined, problemsOf)
  await away
  expect(problems).toMatchObject([{ code: 'SOURCE_CHANGED', hint: 'plan again' }])
  expect(existsSync(partialName(join(folder, 'copy.qcow2')))).toBe(false)
})

async function startsAgain(milliseconds: number): Promise<void> {
  server.stop()
  await sleep(milliseconds)
  await server.start()
}

test('a table behind the end of the image is told with its place', async () => {
  const late = Buffer.from(vmware)
  const directory = Number(late.readBigUInt64LE(late.length - 2 * sector + 56)) * sector
  late.writeUInt32LE(late.length / sector - 1, directory)
  writeFileSync(join(folder, 'late.vmdk'), late)
  const problems = await arrived('late.vmdk').then(() => undefined, problemsOf)
  expect(problems?.[0]?.summary).toContain(
    `ends at byte ${late.length}, within its grain table at byte ${late.length - sector}`,
  )
  expect(problems?.[0]?.code).toBe('IMAGE_CORRUPT')
  expect(readFileSync(join(folder, 'late.vmdk')).length).toBe(late.length)
})
