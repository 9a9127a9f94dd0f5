import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createDisks, type ParallelCopier } from '../../../src/adapters/qemu/disks.ts'
import type { CopyEngine } from '../../../src/core/copy-engine.ts'
import type { Conversion } from '../../../src/core/machine.ts'
import type { Runner } from '../../../src/ports/runner.ts'
import { temporaryFolder } from '../../support/machines.ts'

const work = { signal: new AbortController().signal, progress: () => {} }
const plain: Conversion = { preallocation: 'off' }
const skip: Conversion = { ...plain, skip: ['swap'] }
const file = (path: string) => ({ path, bytes: 1, modified: '1' })
const never = async () => {
  throw new Error('not for this')
}

/** A copy of a qcow2 image, which h2k's own copier finds that it cannot read. */
async function copied(engine: CopyEngine, conversion: Conversion) {
  const folder = temporaryFolder()
  const asked: string[] = []
  const runner: Runner = {
    async run({ args }) {
      if (args[0] === 'convert') writeFileSync(args.at(-1) ?? '', 'copied')
      return { exitCode: 0, stdout: 'qemu-img version 7.2.22', stderr: '' }
    },
    converse: () => {
      throw new Error('not for this')
    },
  }
  const completion = {
    partialName: (path: string) => `${path}.part`,
    discard: async (path: string) => rmSync(path, { force: true }),
    flush: async () => {},
    complete: async (partial: string, path: string) => {
      renameSync(partial, path)
      return file(path)
    },
    sha256: async () => 'digest',
    unwritable: (error: unknown) => error,
  }
  const parallel: ParallelCopier = async ({ image }, { path, skipSwap }) => {
    asked.push(`${image.format}${existsSync(image.path) ? '' : ', missing'}`)
    if (image.format !== 'raw') return undefined
    writeFileSync(path, 'copied')
    return { file: file(path), sha256: 'digest', engine: 'h2k, 2 threads', ...(skipSwap ? { skippedBytes: 7 } : {}) }
  }
  const disks = createDisks(runner, completion, never, parallel, never, never, () => {
    throw new Error('not for this')
  })
  const source = join(folder, 'disk.qcow2')
  writeFileSync(source, 'disk')
  const {
    engine: by,
    because,
    skippedBytes,
  } = await disks.convert(
    { image: { path: source, format: 'qcow2' } },
    { path: join(folder, 'boot.qcow2'), format: 'qcow2', dataBytes: 1, engine, key: 'key', ...conversion },
    work,
  )
  expect(readdirSync(folder).toSorted()).toEqual(['boot.qcow2', 'disk.qcow2'])
  return { by, because, skippedBytes, asked }
}

test('what qemu-img copies says why', async () => {
  expect(await copied({ by: 'qemu-img', because: 'a VHDX' }, skip)).toEqual({
    ...{ by: 'qemu-img 7.2.22', because: 'a VHDX', skippedBytes: undefined, asked: [] },
  })
})

test('what is to be made raw first is, and h2k copies that without its swap', async () => {
  const levelled: Conversion = { ...skip, compression: 'zstd', compressionLevel: 9 }
  expect(await copied({ by: 'h2k', rawFirst: 'a VHDX' }, levelled)).toEqual({
    ...{ by: 'h2k, 2 threads', because: 'a VHDX, made raw by qemu-img first', skippedBytes: 7, asked: ['raw'] },
  })
})

test('swap that was to stay behind does, also where only the copy finds that h2k cannot read the image', async () => {
  expect(await copied({ by: 'h2k' }, skip)).toEqual({
    by: 'h2k, 2 threads',
    because: 'an image that h2k does not read, made raw by qemu-img first',
    skippedBytes: 7,
    asked: ['qcow2', 'raw'],
  })
})

test('where nothing else was promised, qemu-img copies such an image, and it is said', async () => {
  expect(await copied({ by: 'h2k' }, plain)).toMatchObject({
    ...{ by: 'qemu-img 7.2.22', because: 'an image that h2k does not read', asked: ['qcow2'] },
  })
})
