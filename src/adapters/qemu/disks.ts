import type { ImageHeader, ImageLocation } from '../../core/image.ts'
import { problem } from '../../core/problem.ts'
import { usualLevels } from '../../core/resolve-conversion.ts'
import type { Disks, DiskToCopy, WrittenDisk } from '../../ports/disks.ts'
import type { Runner } from '../../ports/runner.ts'
import type { Work } from '../../ports/work.ts'
import { checkImage, compareImages } from './check.ts'
import { type CopyWork, type StartDigest, withClaim } from './claimed.ts'
import { type Completion, convertWithQemu, withRawCopy } from './convert.ts'
import { tellInUse } from './in-use.ts'
import { makeOverlay } from './overlay.ts'

const oldest = [5, 2] as const

/** Such as a raw image of no whole sectors under an overlay, or one of whose header an earlier version wrote down less. */
const unforeseen = 'an image that h2k does not read'

/** Copies on several threads; undefined for images that it cannot read. */
export type ParallelCopier = (
  from: DiskToCopy,
  to: {
    readonly path: string
    readonly format: 'raw' | 'qcow2'
    readonly key: string
    readonly skipSwap?: boolean
    readonly small?: boolean
    readonly compression?: { readonly type: 'zlib' | 'zstd'; readonly level: number }
  },
  work: CopyWork,
) => Promise<WrittenDisk | undefined>

/** Copies a disk of a web server while it arrives. */
export type ArrivingCopier = (
  from: DiskToCopy,
  to: Omit<Parameters<ParallelCopier>[1], 'key'> & { readonly dataBytes: number },
  work: Pick<Work, 'signal' | 'progress'>,
) => Promise<WrittenDisk>

type CopyTo = Parameters<Disks['convert']>[1]

/** Images by qemu-img, whose version is asked once; headers and sparse VMDKs by h2k's own readers. */
export function createDisks(
  plain: Runner,
  completion: Completion,
  header: (image: ImageLocation, signal: AbortSignal) => Promise<ImageHeader>,
  copyParallel: ParallelCopier,
  copyArriving: ArrivingCopier,
  swap: Disks['swap'],
  startDigest: StartDigest,
): Disks {
  const runner = tellInUse(plain)
  let version: Promise<string> | undefined
  const tools = async (signal: AbortSignal) => {
    version ??= qemuVersion(runner, signal)
    return { 'qemu-img': await version }
  }
  return {
    header,
    swap,
    convert(from, to, work) {
      return withClaim(from, to.dataBytes, startDigest, work, (rest) => copy(from, to, rest))
    },
    check: (image, signal) => checkImage(runner, image, signal),
    compare: (from, to, signal) => compareImages(runner, from, to, signal),
    overlay: (over, path, signal, forLibvirt) => makeOverlay(runner, over, path, signal, forLibvirt),
    tools,
  }

  async function copy(from: DiskToCopy, { engine, key, ...to }: CopyTo, work: CopyWork): Promise<WrittenDisk> {
    const { path, format, compression: type, compressionLevel, skip } = to
    if (engine.by === 'h2k' && format !== 'vdi') {
      const compression = type && { type, level: compressionLevel ?? usualLevels[type] }
      const how = {
        ...(compression ? { compression } : {}),
        ...(skip ? { skipSwap: true } : {}),
        ...(engine.small ? { small: true } : {}),
      }
      const target = { path, format, key, ...how }
      if (from.arriving) return await copyArriving(from, { ...target, dataBytes: to.dataBytes }, work)
      const copied = engine.rawFirst === undefined ? await copyParallel(from, target, work) : undefined
      if (copied) return copied
      // What only h2k can do is done all the same, and what was foreseen of swap holds.
      if (compressionLevel !== undefined || skip) {
        const both = await withRawCopy(runner, completion, from, to, work, (raw, rest) => {
          return copyParallel({ image: raw }, target, rest)
        })
        if (both) return { ...both, because: `${engine.rawFirst ?? unforeseen}, made raw by qemu-img first` }
        throw new Error(`nothing copies ${path}`)
      }
    }
    const { file, sha256 } = await convertWithQemu(runner, completion, from, to, work)
    const because = engine.by === 'qemu-img' ? engine.because : unforeseen
    return { file, sha256, engine: `qemu-img ${(await tools(work.signal))['qemu-img']}`, because }
  }
}

async function qemuVersion(runner: Runner, signal: AbortSignal): Promise<string> {
  const { stdout } = await runner.run({ file: 'qemu-img', args: ['--version'], timeoutSeconds: 30 }, signal)
  const found = stdout.match(/version (\d+)\.(\d+)[.\d]*/)
  if (!found) throw problem('TOOL_FAILED', `qemu-img --version says ${JSON.stringify(stdout.slice(0, 80))}`)
  const [major, minor] = [Number(found[1]), Number(found[2])]
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
    throw problem('TOOL_MISSING', `qemu-img ${major}.${minor} is too old`, { hint: 'install qemu-img 5.2 or newer' })
  }
  return found[0].slice('version '.length)
}
