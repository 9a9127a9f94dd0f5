import { problem } from '../../core/problem.ts'
import type { Web, WebFile } from '../../ports/web.ts'
import type { OpenSource } from './source-file.ts'

const blockBytes = 256 * 1024
const mostBlocks = 64

/** Opens files of a web server to be read here and there: a block at a time, the last ones kept. */
export function remoteSource(web: Web, signal: AbortSignal): OpenSource {
  return async (path, _links, use) => {
    const file = await web.look(path, signal)
    return use({ path, bytes: file.identity.bytes, readInto: blockReader(web, file, signal) })
  }
}

function blockReader(web: Web, file: WebFile, signal: AbortSignal) {
  const blocks = new Map<number, Buffer>()
  const blockAt = async (index: number): Promise<Buffer> => {
    const known = blocks.get(index)
    if (known) return known
    const offsetBytes = index * blockBytes
    const lengthBytes = Math.min(blockBytes, file.identity.bytes - offsetBytes)
    if (lengthBytes <= 0) return Buffer.alloc(0)
    if (!file.ranges && offsetBytes > 0) {
      throw problem('SOURCE_UNREADABLE', `${file.name} cannot be asked for in parts: its server takes no Range`, {
        hint: 'put it on a server that does, or download it and name the file',
      })
    }
    const block = await web.read(file, { offsetBytes, lengthBytes }, signal)
    if (blocks.size >= mostBlocks) blocks.delete(blocks.keys().next().value ?? -1)
    blocks.set(index, block)
    return block
  }
  return async (buffer: Buffer, position: number): Promise<number> => {
    const block = await blockAt(Math.floor(position / blockBytes))
    return block.copy(buffer, 0, position % blockBytes)
  }
}
