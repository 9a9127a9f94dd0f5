import { type FileIdentity, type ImageLocation, imageName, sameFile } from '../../core/image.ts'
import { problem } from '../../core/problem.ts'
import type { DiskToCopy, WrittenDisk } from '../../ports/disks.ts'
import type { Web, WebFile } from '../../ports/web.ts'
import { resumed } from './resumed.ts'

interface Target {
  readonly path: string
  readonly format: 'raw' | 'qcow2'
  readonly compression?: { readonly type: 'zlib' | 'zstd'; readonly level: number }
}

/** An image that is read in parts. */
interface RemoteImage {
  readonly name: string
  readonly lengthBytes: number
  read(offset: number, length: number): Promise<Buffer>
}

interface CopyWork {
  readonly signal: AbortSignal
  progress(bytes: number): void
}

/** Copies an image while it arrives. */
export type StreamCopier<LeftOut> = (
  image: {
    readonly name: string
    readonly bytes: AsyncIterable<Uint8Array>
    readonly read?: RemoteImage['read']
    readonly expected: {
      readonly lengthBytes: number
      readonly digest?: { readonly algorithm: string; readonly hex: string }
    }
  },
  to: Target & { readonly leftOut?: LeftOut },
  work: CopyWork,
) => Promise<{ readonly file: FileIdentity; readonly sha256: string; readonly skippedBytes?: number }>

/** Looks for what a guest swapped out; undefined for images that it does not know. */
export type FindSwap<LeftOut> = (image: RemoteImage) => Promise<(LeftOut & { readonly atMost: number }) | undefined>

/**
 * Copies a disk of a web server on its way here.
 * @throws ProblemError SOURCE_CHANGED when it is another file than the plan was made for, and all that the copier throws
 */
export function arrivingDisks<LeftOut>(
  web: Web,
  { copy, findSwap, engine }: { copy: StreamCopier<LeftOut>; findSwap: FindSwap<LeftOut>; engine: string },
) {
  return async (
    { image, arriving }: DiskToCopy,
    to: Target & { readonly dataBytes: number; readonly skipSwap?: boolean },
    { signal, progress }: CopyWork,
  ): Promise<WrittenDisk> => {
    const file = await web.look(image.path, signal)
    if (arriving?.file && !sameFile(arriving.file, file.identity)) {
      throw problem('SOURCE_CHANGED', `${file.name} is another file than before`, { hint: 'apply again' })
    }
    const lengthBytes = image.stretch?.lengthBytes ?? file.identity.bytes
    const [algorithm = '', hex = ''] = arriving?.digest?.split(':') ?? []
    const remote = remoteImage(web, file, image, signal)
    const { name, read } = remote
    const { dataBytes, skipSwap, ...target } = to
    const leftOut = skipSwap && file.ranges ? await findSwap(remote) : undefined
    const bytes = resumed(web, file, image.stretch, signal)
    const copied = await copy(
      {
        name,
        bytes,
        ...(file.ranges ? { read } : {}),
        expected: { lengthBytes, ...(hex ? { digest: { algorithm, hex } } : {}) },
      },
      { ...target, ...(leftOut ? { leftOut } : {}) },
      { signal, progress: (arrived) => progress(Math.round((arrived / lengthBytes) * dataBytes)) },
    )
    return { ...copied, engine }
  }
}

/**
 * How much of swap a copy leaves out, at most; undefined where that cannot be looked for.
 * @throws ProblemError GUEST_REFUSED for a guest that is hibernated, and all that asking throws
 */
export function arrivingSwap<LeftOut>(web: Web, findSwap: FindSwap<LeftOut>) {
  return async (image: ImageLocation, signal: AbortSignal): Promise<number | undefined> => {
    const file = await web.look(image.path, signal)
    return file.ranges ? (await findSwap(remoteImage(web, file, image, signal)))?.atMost : undefined
  }
}

function remoteImage(web: Web, file: WebFile, { stretch }: ImageLocation, signal: AbortSignal): RemoteImage {
  const { offsetBytes, lengthBytes } = stretch ?? { offsetBytes: 0, lengthBytes: file.identity.bytes }
  return {
    name: imageName({ path: file.name, ...(stretch ? { stretch } : {}) }),
    lengthBytes,
    read: (offset, length) => {
      const rest = { offsetBytes: offsetBytes + offset, lengthBytes: Math.min(length, lengthBytes - offset) }
      return web.read(file, rest, signal)
    },
  }
}
