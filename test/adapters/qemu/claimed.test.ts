import { createHash } from 'node:crypto'
import { truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startDigest } from '../../../src/adapters/files/digest.ts'
import { withClaim } from '../../../src/adapters/qemu/claimed.ts'
import { problem } from '../../../src/core/problem.ts'
import { temporaryFolder } from '../../support/machines.ts'
import { problemsFrom } from '../ovf/problems.ts'

const work = { signal: new AbortController().signal, progress: () => undefined }
const mib = 2 ** 20

/** A stretch of zeros in a sparse file. */
function image(lengthBytes: number) {
  const path = join(temporaryFolder(), 'web01.ova')
  writeFileSync(path, 'descriptor')
  truncateSync(path, lengthBytes + 1024)
  const hash = createHash('sha256')
  for (let left = lengthBytes; left > 0; left -= mib) hash.update(Buffer.alloc(mib))
  const stretch = { offsetBytes: 512, lengthBytes }
  return { image: { path, format: 'vmdk' as const, stretch }, claimed: `sha256:${hash.digest('hex')}` }
}

test('a copy of what was claimed is confirmed', async () => {
  const done = await withClaim(image(3 * mib), 1, startDigest, work, async ({ confirm }) => {
    await confirm()
    return 'copied'
  })
  expect(done).toBe('copied')
})

test('a copy of something else is not', async () => {
  const from = { ...image(mib), claimed: `sha256:${'0'.repeat(64)}` }
  const [differs] = await problemsFrom(() => withClaim(from, 1, startDigest, work, ({ confirm }) => confirm()))
  expect(differs).toMatchObject({
    code: 'CHECKSUM_DIFFERS',
    summary: `${from.image.path} (the disk at byte 512) is not what its manifest says: it was changed, or damaged on its way`,
  })
})

test('where the copy stumbles over damage, it is said that the digest is another', async () => {
  const stumbled = () => {
    throw problem('IMAGE_CORRUPT', 'a grain')
  }
  const damaged = { ...image(mib), claimed: `sha256:${'0'.repeat(64)}` }
  const codes = async (from: typeof damaged) =>
    (await problemsFrom(() => withClaim(from, 1, startDigest, work, stumbled))).map(({ code }) => code)
  expect(await codes(damaged)).toEqual(['CHECKSUM_DIFFERS', 'IMAGE_CORRUPT'])
  expect(await codes(image(mib))).toEqual(['IMAGE_CORRUPT'])
})

test('the source is hashed as far as the copy has come', async () => {
  const from = image(100 * mib)
  const allowed: number[] = []
  const watched: typeof startDigest = (...about) => {
    const digesting = startDigest(...about)
    return {
      ...digesting,
      allow(share) {
        allowed.push(share)
        digesting.allow(share)
      },
    }
  }
  await withClaim(from, 1000, watched, work, async ({ progress, confirm }) => {
    progress(250)
    progress(333)
    await confirm()
  })
  expect(allowed).toEqual([0, 0.25, 0.333, 1])
})

test('no more than that is hashed', async () => {
  const { image: far, claimed } = image(200 * mib)
  const { allow, hex } = startDigest(far, 'sha256', work.signal)
  let done = ''
  const hashing = hex.then((found) => {
    done = found
  })
  // No whole number of bytes.
  allow(1 / 7)
  await setTimeout(300)
  expect(done).toBe('')
  allow(1 / 3)
  allow(1)
  await hashing
  expect(`sha256:${done}`).toBe(claimed)
})

test('a copy that nobody confirmed is a bug, and told as one', async () => {
  await expect(withClaim(image(mib), 1, startDigest, work, async () => 'copied')).rejects.toThrow('not compared')
})

test('a copy that fails does not wait for what is still to be hashed', async () => {
  const failing = withClaim(image(100 * mib), 1000, startDigest, work, async () => {
    throw new Error('no space')
  })
  await expect(failing).rejects.toThrow('no space')
})
