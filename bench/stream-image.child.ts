import { streamCopier } from '../src/adapters/copy/stream/copy-stream.ts'
import { remoteSwap } from '../src/adapters/copy/stream/remote-swap.ts'
import { sha256 } from '../src/adapters/files/digest.ts'
import { unwritable } from '../src/adapters/files/unwritable.ts'
import { completeFile, partialName } from '../src/adapters/files/write-whole.ts'
import { arrivingDisks } from '../src/adapters/http/arriving-disk.ts'
import { createWeb } from '../src/adapters/http/web.ts'
import { readArrivingVmdk } from '../src/adapters/image-header.ts'

// Copies a VMDK of a web server as `h2k apply` does: `node bench/stream-image.child.ts URL CA TARGET raw|qcow2 SHA256`
const [path = '', caFile = '', target = '', format = 'raw', hex = ''] = process.argv.slice(2)
const web = createWeb({ connections: [{ name: 'bench', url: path, caFile }], environment: {} })
const copy = streamCopier({ readBeginning: readArrivingVmdk, partialName, complete: completeFile, sha256, unwritable })
await arrivingDisks(web, { copy, findSwap: remoteSwap(readArrivingVmdk), engine: 'h2k' })(
  { image: { path, format: 'vmdk' }, arriving: { digest: `sha256:${hex}` } },
  { path: target, format: format as 'raw' | 'qcow2', dataBytes: 0 },
  { signal: new AbortController().signal, progress: () => undefined },
)
