import { readFileSync } from 'node:fs'
import { streamCopier } from '../src/adapters/copy/stream/copy-stream.ts'
import { sha256 } from '../src/adapters/files/digest.ts'
import { completeFile, partialName } from '../src/adapters/files/write-whole.ts'
import { download } from '../src/adapters/http/download.ts'
import { readArrivingVmdk } from '../src/adapters/image-header.ts'

// Copies a VMDK while it arrives: `node bench/stream-image.child.ts URL CA TARGET raw|qcow2 SHA256`
const [address = '', ca = '', path = '', format = 'raw', hex = ''] = process.argv.slice(2)
const { signal } = new AbortController()
const copy = streamCopier({ readBeginning: readArrivingVmdk, partialName, complete: completeFile, sha256 })
const { bytes } = await download(new URL(address), { ca: readFileSync(ca, 'utf8') }, signal)
await copy(
  { name: address, bytes, expected: { digest: { algorithm: 'sha256', hex } } },
  { path, format: format as 'raw' | 'qcow2' },
  { signal, progress: () => undefined },
)
