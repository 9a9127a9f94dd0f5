import { copyFileSync, readFileSync, renameSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { rememberedHeaders } from '../../../src/adapters/image-header/remembered.ts'
import { readImageHeader } from '../../../src/adapters/image-header.ts'
import { qemuImg } from '../../support/machines.ts'
import { sharedFolder } from './images.ts'

const folder = sharedFolder()
/** Milliseconds; so long a file lies still. */
const still = 400
const never = new AbortController().signal

function reading() {
  const read = vi.fn(readImageHeader)
  return { read, header: rememberedHeaders(read, still - 100) }
}

test('the header of a file that lies still is read once, one that was just changed each time', async () => {
  const path = join(folder, 'still.vmdk')
  qemuImg('create', '-q', '-f', 'vmdk', path, '10M')
  const { read, header } = reading()
  const image = { path, format: 'vmdk' } as const
  await header(image, never)
  await header(image, never)
  expect(read).toHaveBeenCalledTimes(2)
  await sleep(still)
  const [first, second] = [await header(image, never), await header(image, never)]
  expect(read).toHaveBeenCalledTimes(3)
  expect(second).toEqual(first)
})

test('another file of the same length and time, in its place or behind a link, is read', async () => {
  const [path, other, link] = ['a.vmdk', 'b.vmdk', 'link.vmdk'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  qemuImg('create', '-q', '-f', 'vmdk', path, '10M')
  qemuImg('create', '-q', '-f', 'vmdk', other, '20M')
  symlinkSync(path, link)
  await sleep(still)
  const { header } = reading()
  const sizes = async () => [
    (await header({ path, format: 'vmdk' }, never)).virtualBytes >> 20,
    (await header({ path: link, format: 'vmdk' }, never)).virtualBytes >> 20,
  ]
  expect(await sizes()).toEqual([10, 10])
  const { atime, mtime, size } = statSync(path)
  expect(statSync(other).size).toBe(size)
  utimesSync(other, atime, mtime)
  copyFileSync(other, `${path}.new`)
  utimesSync(`${path}.new`, atime, mtime)
  renameSync(`${path}.new`, path)
  expect(await sizes()).toEqual([20, 20])
})

test('a file that was changed in its place, and given its length and time again, is read', async () => {
  const [path, other] = [join(folder, 'place.vmdk'), join(folder, 'other.vmdk')]
  qemuImg('create', '-q', '-f', 'vmdk', path, '10M')
  qemuImg('create', '-q', '-f', 'vmdk', other, '20M')
  await sleep(still)
  const { header } = reading()
  const { atime, mtime, size, ino } = statSync(path)
  expect((await header({ path, format: 'vmdk' }, never)).virtualBytes).toBe(10 * 2 ** 20)
  writeFileSync(path, readFileSync(other))
  utimesSync(path, atime, mtime)
  expect(statSync(path)).toMatchObject({ size, ino, mtime })
  expect((await header({ path, format: 'vmdk' }, never)).virtualBytes).toBe(20 * 2 ** 20)
})

test('what is no file, or gone, is said each time', async () => {
  const { header } = reading()
  const gone = header({ path: join(folder, 'gone.vmdk'), format: 'vmdk' }, never)
  await expect(gone).rejects.toMatchObject({ problems: [{ code: 'SOURCE_MISSING' }] })
  const none = header({ path: folder, format: 'vmdk' }, never)
  await expect(none).rejects.toMatchObject({ problems: [{ code: 'IMAGE_UNSUPPORTED' }] })
  writeFileSync(join(folder, 'no.vmdk'), 'text')
  const wrong = header({ path: join(folder, 'no.vmdk'), format: 'vmdk' }, never)
  await expect(wrong).rejects.toMatchObject({ problems: [{ code: 'IMAGE_UNKNOWN' }] })
})
