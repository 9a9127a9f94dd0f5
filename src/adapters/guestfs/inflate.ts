import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as zlib from 'node:zlib'
import { problemsOf } from '../../core/problem.ts'
import type { Runner } from '../../ports/runner.ts'
import type { Inflate } from './inspect/initramfs.ts'
import { unpackLz4 } from './lz4.ts'

// More than any initramfs that boots; an archive may claim to be endless.
const largest = 1024 * 1024 * 1024

/** Unpacks an initramfs: by Node where it can, by xz and bzip2 of this host where they are. */
export function createInflate(runner: Runner, folder: string, signal: AbortSignal): Inflate {
  return async (format, bytes) => {
    try {
      switch (format) {
        case 'gzip':
          return await promisify(zlib.gunzip)(bytes, { maxOutputLength: largest })
        case 'zstd':
          return await promisify(zlib.zstdDecompress)(bytes, { maxOutputLength: largest })
        case 'lz4':
          return unpackLz4(bytes, largest)
        case 'xz':
          return await byTool(['xz', '--decompress', '--quiet', '--memlimit=1GiB'], '.xz', bytes)
        case 'lzma':
          return await byTool(['xz', '--decompress', '--quiet', '--format=lzma', '--memlimit=1GiB'], '.lzma', bytes)
        case 'bzip2':
          return await byTool(['bzip2', '--decompress', '--quiet'], '.bz2', bytes)
      }
    } catch (error) {
      // Cut off, broken, or without a tool: what is in it stays unknown.
      if (problemsOf(error) || isZlibError(error)) return undefined
      throw error
    }
  }

  async function byTool([file = '', ...args]: readonly string[], ending: string, bytes: Uint8Array) {
    const unpacked = join(folder, 'initramfs')
    const packed = unpacked + ending
    try {
      await writeFile(packed, bytes)
      await runner.run({ file, args: [...args, '--force', packed], timeoutSeconds: 300 }, signal)
      return await readFile(unpacked)
    } finally {
      await Promise.all([packed, unpacked].map((path) => rm(path, { force: true })))
    }
  }
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(Z_|ZSTD_|ERR_)/.test(String(error.code))
}
