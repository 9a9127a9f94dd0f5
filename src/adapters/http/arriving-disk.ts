import type { Readable } from 'node:stream'
import { type FileIdentity, sameFile } from '../../core/image.ts'
import { problem } from '../../core/problem.ts'
import type { DiskToCopy, WrittenDisk } from '../../ports/disks.ts'
import type { Web } from '../../ports/web.ts'

interface Target {
  readonly path: string
  readonly format: 'raw' | 'qcow2'
  readonly compression?: { readonly type: 'zlib' | 'zstd'; readonly level: number }
}

interface CopyWork {
  readonly signal: AbortSignal
  progress(bytes: number): void
}

/** Copies an image while it arrives. */
export type StreamCopier = (
  image: {
    readonly name: string
    readonly bytes: Readable
    readonly expected: {
      readonly lengthBytes: number
      readonly digest?: { readonly algorithm: string; readonly hex: string }
    }
  },
  to: Target,
  work: CopyWork,
) => Promise<{ readonly file: FileIdentity; readonly sha256: string }>

/**
 * Copies a disk of a web server on its way here.
 * @throws ProblemError SOURCE_CHANGED when it is another file than the plan was made for, and all that the copier throws
 */
export function arrivingDisks(web: Web, copy: StreamCopier, engine: string) {
  return async (
    { image, arriving }: DiskToCopy,
    to: Target & { readonly dataBytes: number },
    { signal, progress }: CopyWork,
  ): Promise<WrittenDisk> => {
    const file = await web.look(image.path, signal)
    if (arriving?.file && !sameFile(arriving.file, file.identity)) {
      throw problem('SOURCE_CHANGED', `${file.name} is another file than before`, { hint: 'apply again' })
    }
    const lengthBytes = image.stretch?.lengthBytes ?? file.identity.bytes
    const [algorithm = '', hex = ''] = arriving?.digest?.split(':') ?? []
    const name = image.stretch ? `${file.name} (the disk at byte ${image.stretch.offsetBytes})` : file.name
    const bytes = await web.open(file, image.stretch, signal)
    const { dataBytes, ...target } = to
    const copied = await copy(
      { name, bytes, expected: { lengthBytes, ...(hex ? { digest: { algorithm, hex } } : {}) } },
      target,
      { signal, progress: (arrived) => progress(Math.round((arrived / lengthBytes) * dataBytes)) },
    )
    return { ...copied, engine }
  }
}
