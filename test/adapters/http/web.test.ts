import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { unwritable } from '../../../src/adapters/files/unwritable.ts'
import { completeFile, partialName } from '../../../src/adapters/files/write-whole.ts'
import { optionsFor } from '../../../src/adapters/http/credentials.ts'
import { wholeFetcher } from '../../../src/adapters/http/fetch-whole.ts'
import { createWeb } from '../../../src/adapters/http/web.ts'
import { servedDisk } from './served-disk.ts'

const never = new AbortController().signal
const { folder, content, server } = servedDisk()

const webOf = (caFile: string | undefined = server().caFile) =>
  createWeb({ connections: [{ name: 'images', url: `${server().address}/`, caFile }], environment: {}, idleSeconds: 1 })
const look = () => webOf().look(`${server().address}/disk.raw`, never)
const fetcher = () => wholeFetcher(webOf(), { partialName, complete: completeFile, unwritable, waits: [0.01, 0.02] })
const work = { signal: never, progress: () => undefined }

describe('a file of a web server', () => {
  test('is known by its length and its ETag, and read in parts', async () => {
    const file = await look()
    expect(file).toMatchObject({ identity: { bytes: content.length }, ranges: true })
    expect(file.identity.modified).toMatch(/^"3000000-/)
    const part = await webOf().read(file, { offsetBytes: 1_234_567, lengthBytes: 89 }, never)
    expect(part.equals(content.subarray(1_234_567, 1_234_567 + 89))).toBe(true)
  })

  test('is read in many parts over few connections, also when the server has closed them meanwhile', async () => {
    const [web, file, before] = [webOf(), await look(), server().connections()]
    const offsets = Array.from({ length: 20 }, (_, index) => index * 100_000)
    const read = () =>
      Promise.all(offsets.map((offsetBytes) => web.read(file, { offsetBytes, lengthBytes: 2048 }, never)))
    const expected = offsets.map((at) => content.subarray(at, at + 2048))
    expect(await read()).toEqual(expected)
    expect(server().connections() - before).toBeLessThanOrEqual(4)
    server().closeIdle()
    expect(await read()).toEqual(expected)
  })

  test('is read near its beginning where its server takes no Range', async () => {
    server().behaviour.noRanges = true
    const [web, file] = [webOf(), await look()]
    const part = await web.read(file, { offsetBytes: 1_000_000, lengthBytes: 2048 }, never)
    expect(part).toEqual(content.subarray(1_000_000, 1_000_000 + 2048))
  })

  test('is another one when its ETag is', async () => {
    const file = await look()
    writeFileSync(join(folder, 'disk.raw'), content.subarray(1))
    await expect(webOf().open(file, undefined, never)).rejects.toThrow(/SOURCE_CHANGED: .*another file than before/)
    writeFileSync(join(folder, 'disk.raw'), content)
  })

  test.each([
    ['"strong"', 'Sat, 01 Jan 2028 00:00:00 GMT', true],
    ['W/"weak"', 'Sat, 01 Jan 2028 00:00:00 GMT', false],
    ['W/"weak"', 'Fri, 31 Dec 2027 23:59:00 GMT', true],
    ['W/"weak"', 'whenever', false],
  ])('is gone on with where its parts are of the same bytes for sure: %s, %s', async (etag, modified, sure) => {
    server().behaviour.headers = { etag, 'last-modified': modified, date: 'Sat, 01 Jan 2028 00:00:30 GMT' }
    const known = etag.startsWith('W/') ? `${etag} ${modified}` : etag
    expect(await look()).toMatchObject({ identity: { modified: known }, ranges: true, resumable: sure })
  })

  test('is not looked for elsewhere, and where it is said to be is told without secrets', async () => {
    for (const to of ['https://me:word@a.lab/x?signature=word', '//me:word@a.lab/x#word']) {
      server().behaviour.redirect = to
      await expect(look()).rejects.toThrow(/it is at https:\/\/a\.lab\/x, and redirects are not followed/)
    }
  })

  test('is not waited for when its server says nothing more', async () => {
    const file = await look()
    server().behaviour.silentAfter = 65_536
    await expect(
      fetcher()(file, undefined, join(folder, 'silent'), { ...work, signal: AbortSignal.timeout(1500) }),
    ).rejects.toThrow()
    server().behaviour.silentAfter = 0
    await expect(webOf().read(file, { offsetBytes: 0, lengthBytes: 512 }, never)).rejects.toThrow(
      /nothing came for 1 s/,
    )
  })

  test.each([false, true])('is fetched whole, also when its connection breaks; without Range: %s', async (noRanges) => {
    server().behaviour.noRanges = noRanges
    const file = await look()
    const path = join(folder, `whole-${noRanges}`)
    if (!noRanges) server().behaviour.breakAfter = { bytes: 1_200_000, times: 2 }
    const made = await fetcher()(file, undefined, path, work)
    expect(made.bytes).toBe(content.length)
    expect(readFileSync(path).equals(content)).toBe(true)
  })

  test('is fetched as the stretch that was asked for', async () => {
    const path = join(folder, 'stretch')
    await fetcher()(await look(), { offsetBytes: 700_000, lengthBytes: 1_500_001 }, path, work)
    expect(readFileSync(path).equals(content.subarray(700_000, 2_200_001))).toBe(true)
    expect(statSync(path).mode & 0o077).toBe(0)
  })

  test('that never sends anything more than before is given up', async () => {
    const file = await look()
    server().behaviour.breakAfter = { bytes: 0, times: 99 }
    await expect(fetcher()(file, undefined, join(folder, 'broken'), work)).rejects.toThrow(/SOURCE_UNREADABLE/)
  })
})

describe('a secret', () => {
  const connection = { name: 'images', url: 'https://a.lab/exports/', tokenEnv: 'TOKEN' }
  const asked = (address: string) => optionsFor(new URL(address), [connection], { TOKEN: 'word' }).headers

  test('is sent to what is below its address', () => {
    expect(asked('https://a.lab/exports/web01.ova')).toEqual({ authorization: 'Bearer word' })
  })

  test.each([
    'https://a.lab/exports-of-others/web01.ova',
    'https://a.lab/exports/../web01.ova',
    'https://a.lab/exports/%2e%2e/web01.ova',
    'https://a.lab.evil.example/exports/web01.ova',
    'https://a.lab:8443/exports/web01.ova',
    'http://a.lab/exports/web01.ova',
  ])('is not sent to %s', (address) => expect(asked(address)).toBeUndefined())

  test.each(['word\n', 'two words', 'wörd'])('that no header can hold is told without it: %j', (token) => {
    const ask = () => optionsFor(new URL('https://a.lab/exports/web01.ova'), [connection], { TOKEN: token })
    expect(ask).toThrow(/SOURCE_UNREADABLE: connection "images": the environment variable TOKEN holds no token$/)
  })

  test('belongs to the longest address that fits', () => {
    const other = { name: 'web', url: 'https://a.lab/exports/web', username: 'me', passwordEnv: 'PASSWORD' }
    const environment = { TOKEN: 'word', PASSWORD: 'pass' }
    const options = optionsFor(new URL('https://a.lab/exports/web/web01.ova'), [connection, other], environment)
    expect(options.headers).toEqual({ authorization: `Basic ${Buffer.from('me:pass').toString('base64')}` })
  })
})
