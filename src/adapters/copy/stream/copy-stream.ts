import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { flushBehind } from '../../../core/flush-behind.ts'
import type { FileIdentity } from '../../../core/image.ts'
import { problem } from '../../../core/problem.ts'
import { discardCopy } from '../checkpoint.ts'
import type { Chunk } from '../chunks.ts'
import { copyGrains } from '../copy-grains.ts'
import { copyThreads } from '../copy-image.ts'
import { copyProblems, type Unwritable } from '../copy-problems.ts'
import { openTarget, type Written } from '../direct.ts'
import type { Compression, Setup } from '../messages.ts'
import { clusterBytes } from '../qcow2-layout.ts'
import { appendedTarget, arrivingTarget, besideTables, type Measured, qcow2Target, rawTarget } from '../targets.ts'
import { type Arriving, arriving } from './arriving.ts'
import { type LeftOut, leavingOut } from './leaving-out.ts'
import { extentOf, measuredBefore } from './measured-before.ts'
import type { RemoteRead } from './remote-guest.ts'
import { type ReadBeginning, vmdkStream } from './vmdk-stream.ts'

/** A streamOptimized VMDK on its way here: an export of vSphere, a file of a web server, an entry of a tar. */
export interface ArrivingImage {
  /** How messages name it. */
  readonly name: string
  /** Each piece is over when the next is asked for. Nothing is opened for it before the first is. */
  readonly bytes: AsyncIterable<Uint8Array>
  /** Where the same bytes can also be asked for in parts, beside their arrival. */
  readonly read?: RemoteRead
  readonly expected: {
    /** Of all that arrives. */
    readonly lengthBytes?: number
    /** Of the guest's disk. */
    readonly virtualBytes?: number
    /** Of all that arrives, as a manifest has it; hex. */
    readonly digest?: { readonly algorithm: string; readonly hex: string }
  }
}

export interface StreamTarget {
  readonly path: string
  readonly format: 'raw' | 'qcow2'
  readonly compression?: Compression
  /** What of the disk stays behind. */
  readonly leftOut?: LeftOut
}

/** What the copier takes from its neighbours. */
export interface StreamParts {
  readonly readBeginning: ReadBeginning
  partialName(path: string): string
  complete(partial: string, path: string): Promise<FileIdentity>
  sha256(path: string, signal: AbortSignal): Promise<string>
  readonly unwritable: Unwritable
}

export interface StreamWork {
  readonly signal: AbortSignal
  /** Bytes that arrived. */
  progress(bytes: number): void
}

/**
 * Copies an image while it arrives, on several threads, and checks what it is expected to be: only then the copy gets its
 * name. Nothing is kept of the image itself, and a copy that stopped begins anew, since nobody can seek in its source.
 * @returns the file and its sha256 in hex
 * @throws ProblemError CHECKSUM_DIFFERS, DISK_SIZE_DIFFERS, IMAGE_…, SOURCE_UNREADABLE; SPACE_SHORT, OUTPUT_UNWRITABLE, TOOL_FAILED for
 *   the target; the problems that the image's bytes throw
 */
export function streamCopier({ readBeginning, partialName, complete, sha256, unwritable }: StreamParts) {
  return async (
    image: ArrivingImage,
    { path, format, compression, leftOut }: StreamTarget,
    { signal, progress }: StreamWork,
  ) => {
    const { name, expected } = image
    const partial = partialName(path)
    const digest = expected.digest && createHash(expected.digest.algorithm)
    let [arrivedBytes, skippedBytes] = [0, 0]
    const onBytes = (bytes: Buffer) => {
      digest?.update(bytes)
      arrivedBytes += bytes.length
      progress(arrivedBytes)
    }
    const skip = (bytes: number) => {
      skippedBytes += bytes
    }
    const problems = copyProblems(name, path, unwritable)
    const input = arriving(name, image.bytes, onBytes, signal)
    try {
      return await take(input)
    } catch (error) {
      throw problems.explained(error)
    } finally {
      // Else its connection stays open, and h2k with it.
      await input.close()
    }

    function intoFile(
      file: Written,
      source: Setup['source'],
      chunks: AsyncIterable<Chunk>,
      known: Measured | undefined,
    ) {
      if (format === 'raw') return { into: rawTarget(file, source), chunks, hashed: true }
      if (compression) return { into: appendedTarget(file.fd, source, compression), chunks, hashed: false }
      if (known) return { into: qcow2Target(file, known), chunks, hashed: true }
      return { into: arrivingTarget(file.fd, source), chunks: besideTables(chunks), hashed: false }
    }

    async function take(from: Arriving) {
      const { lengthBytes = Number.POSITIVE_INFINITY } = expected
      // What is left out of the disk is in its tables.
      const measures = format === 'qcow2' && !compression && !leftOut
      const { read } = image
      const before =
        measures && read ? await measuredBefore({ name, lengthBytes, read }, readBeginning, signal) : undefined
      const { layout, beginning, chunks } = await vmdkStream(from, readBeginning)
      const { capacityBytes, grainBytes } = layout
      if (expected.virtualBytes !== undefined && expected.virtualBytes !== capacityBytes) {
        throw problem('DISK_SIZE_DIFFERS', `${name} is a disk of ${capacityBytes} bytes, not ${expected.virtualBytes}`)
      }
      if (format === 'qcow2' && grainBytes !== clusterBytes) {
        throw problem(
          'IMAGE_UNSUPPORTED',
          `${name} has grains of ${grainBytes} bytes: only raw can be made of it on its way`,
          {
            hint: 'download it, and name the file as the source',
          },
        )
      }
      await mkdir(dirname(path), { recursive: true })
      await discardCopy(partial)
      const fits = before?.capacityBytes === capacityBytes && before.grainBytes === grainBytes
      const known = measures && !fits ? await extentOf({ name, layout, beginning, lengthBytes }, signal) : before
      // What is read once more for its checksum is better in memory.
      const past = format === 'raw' || known !== undefined
      const target = await openTarget(partial, 'wx+', { grainBytes, past })
      const { file } = target
      const flushes = flushBehind(() => file.datasync(), target.pace)
      try {
        if (format === 'raw') await file.truncate(capacityBytes)
        const source = { capacityBytes, grainBytes, files: [] }
        const wanted = leftOut ? leavingOut(chunks(), leftOut, { name, grainBytes }, skip) : chunks()
        const { hashed, ...written } = intoFile(target.written, source, wanted, known)
        const onTheWay = await copyGrains({
          ...{ source, arriving: true, threads: copyThreads(), doneBefore: 0 },
          signal: AbortSignal.any([signal, flushes.failed]),
          ...written,
          problems,
          done: ({ index }) => flushes.reached(index + 1),
        })
        await flushes.settled()
        await from.drain()
        refuseOther(image, arrivedBytes, digest?.digest('hex'))
        const [sum] = await Promise.all([hashed ? onTheWay : sha256(partial, signal), file.sync()])
        const skipped = leftOut ? { skippedBytes } : {}
        return { file: await complete(partial, path), sha256: sum, ...skipped }
      } catch (error) {
        await flushes.over()
        await discardCopy(partial)
        throw error
      } finally {
        await target.close()
      }
    }
  }
}

function refuseOther({ name, expected }: ArrivingImage, arrivedBytes: number, found: string | undefined): void {
  const { lengthBytes, digest } = expected
  if (lengthBytes !== undefined && lengthBytes !== arrivedBytes) {
    throw problem('SOURCE_UNREADABLE', `${name} ended after ${arrivedBytes} bytes, not ${lengthBytes}`)
  }
  if (digest === undefined || digest.hex === found) return
  throw problem('CHECKSUM_DIFFERS', `${name} is not what its manifest says: it was changed, or damaged on its way`, {
    detail: `${digest.algorithm}: listed ${digest.hex}, found ${found}`,
    hint: 'export the machine again',
  })
}
