import { imageCopier } from '../src/adapters/copy/copier.ts'
import type { Compression } from '../src/adapters/copy/messages.ts'
import { sha256 } from '../src/adapters/files/digest.ts'
import { unwritable } from '../src/adapters/files/unwritable.ts'
import { completeFile, partialName } from '../src/adapters/files/write-whole.ts'
import { withOpenImage } from '../src/adapters/image-header.ts'

// Copies one VMDK as `h2k apply` does: `node bench/copy-image.child.ts SOURCE TARGET raw|qcow2 [zlib|zstd LEVEL]`
const [source = '', path = '', format = 'raw', type, level] = process.argv.slice(2)
const copy = imageCopier({ open: withOpenImage, partialName, complete: completeFile, sha256, unwritable })
const compression = type && { type: type as Compression['type'], level: Number(level) }
const made = await copy(
  { image: { path: source, format: 'vmdk' } },
  { path, format: format as 'raw' | 'qcow2', key: 'bench', ...(compression ? { compression } : {}) },
  { signal: new AbortController().signal, progress: () => undefined, confirm: async () => {} },
)
if (!made) throw new Error(`${source} is left to qemu-img`)
